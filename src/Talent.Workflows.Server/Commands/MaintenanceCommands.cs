using System.Globalization;
using Npgsql;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Runtime.Backup;
using Talent.Workflows.Server.Startup;

namespace Talent.Workflows.Server.Commands;

/// <summary>The verbs that work on the database without listening: backup, restore, verify, audit keys.</summary>
internal static class MaintenanceCommands
{
    /// <summary><c>backup FILE</c>: servers may go on working.</summary>
    public static Task<int> BackupAsync(string file, string[] settings, CancellationToken cancellationToken) => WithHostAsync(settings, async host =>
    {
        var manifest = await DatabaseBackup.WriteAsync(host.App.Services.GetRequiredService<NpgsqlDataSource>(), file, new BackupOptions(), cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"已备份 Backed up: {manifest.Tables.Count} 张表 tables, {manifest.Tables.Sum(t => t.Rows)} 行 rows → {Path.GetFullPath(file)}"));
        return 0;
    }, cancellationToken);

    /// <summary><c>restore FILE [--replace]</c>: no server may run on the database meanwhile.</summary>
    public static Task<int> RestoreAsync(string file, bool replace, string[] settings, CancellationToken cancellationToken) => WithHostAsync(settings, async host =>
    {
        var options = new RestoreOptions { ReplaceExisting = replace, Progress = new Lines() };
        var manifest = await DatabaseRestore.ReadAsync(host.App.Services.GetRequiredService<NpgsqlDataSource>(), file, options, cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"已恢复 Restored: {manifest.Tables.Count} 张表 tables, {manifest.Tables.Sum(t => t.Rows)} 行 rows, 备份于 of {manifest.CreatedAt:yyyy-MM-dd HH:mm}Z"));
        return 0;
    }, cancellationToken);

    /// <summary><c>verify [EXPORT PUBLIC-KEY]</c>: the audit of the database, or of an export without any database. Exit code 1 when something was changed.</summary>
    public static async Task<int> VerifyAsync(string[] files, string[] settings, CancellationToken cancellationToken)
    {
        if (files is [var export, var publicKey])
        {
            await using var stream = File.OpenRead(export);
            return Report(await AuditVerification.VerifyExportAsync(stream, await File.ReadAllTextAsync(publicKey, cancellationToken), cancellationToken));
        }
        return await WithHostAsync(settings, async host => Report(await host.App.Services.GetRequiredService<AuditVerification>().VerifyAsync(cancellationToken)), cancellationToken);
    }

    /// <summary><c>export-audit FILE</c>: everything that <c>verify</c> needs elsewhere, and the public keys beside it.</summary>
    public static Task<int> ExportAuditAsync(string file, string[] settings, CancellationToken cancellationToken) => WithHostAsync(settings, async host =>
    {
        await using (var stream = new FileStream(file, FileMode.CreateNew))
            await host.App.Services.GetRequiredService<AuditVerification>().ExportAsync(stream, cancellationToken);
        await File.WriteAllTextAsync(file + ".pub", await host.App.Services.GetRequiredService<AuditKeys>().PublicPemsAsync(cancellationToken), cancellationToken);
        Console.WriteLine($"已导出 Exported: {Path.GetFullPath(file)}, {Path.GetFullPath(file)}.pub");
        return 0;
    }, cancellationToken);

    /// <summary><c>register-audit-key</c>: this node may seal the audit with its own key.</summary>
    public static Task<int> RegisterAuditKeyAsync(string[] settings, CancellationToken cancellationToken) => WithHostAsync(settings, async host =>
    {
        var services = host.App.Services;
        var added = await services.GetRequiredService<AuditKeys>().RegisterAsync(cancellationToken);
        Console.WriteLine(added is null ? $"已登记过 Registered before: {services.GetRequiredService<AuditKey>().Id}" : $"已登记 Registered: {added}");
        return 0;
    }, cancellationToken);

    private static int Report(AuditReport report)
    {
        foreach (var finding in report.Findings)
            Console.WriteLine($"  ✗ {finding.Zh}  {finding.CaseId} #{finding.Seq}: {finding.What}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(report.IsWhole ? "审计记录完整 The audit is whole" : "审计记录异常 The audit was changed")}: {report.Cases} 件 cases, {report.Records} 条 records, {report.Checkpoints} 个检查点 checkpoints"));
        return report.IsWhole ? 0 : 1;
    }

    internal static async Task<int> WithHostAsync(string[] settings, Func<ServerHost, Task<int>> work, CancellationToken cancellationToken)
    {
        await using var host = await ServerHost.BuildAsync(settings, cancellationToken);
        return await work(host);
    }

    // IProgress<T> of the framework reports on other threads, out of order with what follows.
    private sealed class Lines : IProgress<string>
    {
        public void Report(string value) => Console.WriteLine($"  {value}");
    }
}
