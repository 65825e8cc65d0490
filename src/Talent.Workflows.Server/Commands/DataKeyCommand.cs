using System.Globalization;
using Talent.Workflows.Approvals.PersonalData;

namespace Talent.Workflows.Server.Commands;

/// <summary><c>rotate-data-key</c>: personal data is sealed with a new key from now on; servers go on working and seal the rest again.</summary>
internal static class DataKeyCommand
{
    /// <exception cref="MasterKeyException">The master key is missing, or isn't this database's.</exception>
    public static Task<int> RotateAsync(string[] settings, CancellationToken cancellationToken) => MaintenanceCommands.WithHostAsync(settings, async host =>
    {
        var services = host.App.Services;
        var id = await services.GetRequiredService<DataKeys>().RotateAsync(cancellationToken);
        var left = await services.GetRequiredService<Reencryption>().LeftAsync(cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"已启用新数据密钥 Data key in use: {id}; 待重新加密 rows that the servers seal again: {left}"));
        return 0;
    }, cancellationToken);
}
