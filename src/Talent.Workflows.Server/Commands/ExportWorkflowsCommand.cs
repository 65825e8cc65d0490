using System.Globalization;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Server.ElsaApi.Definitions;

namespace Talent.Workflows.Server.Commands;

/// <summary>
/// <c>export-workflows FOLDER</c>: the definitions in use as files, each service's where <c>workflows/</c> has it. A file
/// that is read again as it was written is no change.
/// </summary>
internal static class ExportWorkflowsCommand
{
    private const int Page = 500;

    public static Task<int> ExportAsync(string folder, string[] settings, CancellationToken cancellationToken) => MaintenanceCommands.WithHostAsync(settings, async host =>
    {
        var services = host.App.Services.GetRequiredService<ApprovalContent>().Services.ToDictionary(s => DefinitionReader.Read(s.Definition).DefinitionId, s => s.Service.Id, StringComparer.Ordinal);
        var store = host.App.Services.GetRequiredService<DefinitionStore>();
        var written = 0;
        for (var query = new DefinitionQuery { Versions = VersionFilter.Published, Order = DefinitionOrder.Name, Take = Page }; ; query = query with { Skip = query.Skip + Page })
        {
            var found = (await store.QueryAsync(query, cancellationToken)).Items;
            foreach (var record in found)
            {
                var file = services.TryGetValue(record.DefinitionId, out var service)
                    ? Path.Combine(folder, service, "definition.json") : Path.Combine(folder, DefinitionFiles.NameOf(record.DefinitionId));
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
                var document = await store.ReadDocumentAsync(record.Id, cancellationToken) ?? [];
                var stamp = new DefinitionStamp(record.Id, record.DefinitionId, record.Version, record.IsLatest, record.IsPublished);
                await File.WriteAllBytesAsync(file, [.. DefinitionWriter.WriteFile(DefinitionReader.Read(document), stamp), (byte)'\n'], cancellationToken);
                Console.WriteLine($"  {record.DefinitionId} {record.Id} → {file}");
                written++;
            }
            if (found.Count < Page)
                break;
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"已导出 Exported: {written} 个流程定义 definitions → {Path.GetFullPath(folder)}"));
        return 0;
    }, cancellationToken);
}
