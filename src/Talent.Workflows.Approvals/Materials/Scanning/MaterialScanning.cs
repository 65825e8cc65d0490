using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Materials.Scanning;

/// <summary>
/// Has contents scanned that aren't yet, a few at a time; every node may: each is claimed for as long as a scan may take. A scanner
/// that can't tell is asked again, later each time, up to once an hour; until then the content isn't given to others.
/// </summary>
public sealed partial class MaterialScanning(NpgsqlDataSource database, MaterialStore store, IOptions<MaterialOptions> options, TimeProvider machine, ILogger<MaterialScanning> logger)
{
    private const int Batch = 8;
    private const int LongestResult = 200;
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly IMaterialScanner? scanner = Make(options.Value);

    /// <summary>Scans what is due.</summary>
    /// <returns>How many contents were settled: found or clean.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        if (scanner is null)
            return 0;
        var now = machine.GetUtcNow();
        var due = await database.QueryAsync("""
            update approvals.material_contents c set scan_at = $2
            where c.hash = any(array(select hash from approvals.material_contents where scan = 'unscanned' and scan_at <= $1 order by scan_at limit $3 for update skip locked))
            returning c.hash, c.place, c.scan_attempts
            """, r => (Hash: r.GetString(0), Place: r.GetString(1), Attempts: r.GetInt32(2)), cancellationToken, now, now + Longest * (Batch + 1), Batch);
        var settled = 0;
        foreach (var (hash, place, attempts) in due)
            settled += await ScanAsync(hash, place, attempts, cancellationToken) ? 1 : 0;
        return settled;
    }

    private TimeSpan Longest => TimeSpan.FromSeconds(options.Value.ScannerSeconds);

    private static IMaterialScanner? Make(MaterialOptions options) => options.Scanner switch
    {
        "clamd" => new ClamdScanner(options.ScannerHost, options.ScannerPort),
        "command" => new CommandScanner(options.ScannerCommand!, options.ScannerArguments),
        _ => null,
    };

    private async Task<bool> ScanAsync(string hash, string place, int attempts, CancellationToken cancellationToken)
    {
        string? found;
        try
        {
            await using var content = store.Open(place) ?? throw new ScannerException("The file isn't in this node's folder.");
            using var late = new CancellationTokenSource(Longest, machine);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
            try
            {
                found = await scanner!.ScanAsync(content, either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new ScannerException($"It took longer than {options.Value.ScannerSeconds} s.");
            }
        }
        catch (ScannerException e)
        {
            var wait = TimeSpan.FromSeconds(Math.Min(LongestWait.TotalSeconds, 5 * Math.Pow(2, Math.Min(attempts, 20))));
            LogUntold(hash, attempts + 1, e.Message, wait.TotalSeconds);
            await database.QueryAsync("update approvals.material_contents set scan_at = $2, scan_attempts = scan_attempts + 1 where hash = $1 and scan = 'unscanned' returning 1",
                r => r.GetInt32(0), cancellationToken, hash, machine.GetUtcNow() + wait);
            return false;
        }
        if (found is { Length: > LongestResult })
            found = found[..LongestResult];
        if (found is not null)
            LogFound(hash, found);
        await database.QueryAsync("""
            update approvals.material_contents set scan = $2, scan_result = $3, scanned_at = $4, scan_attempts = scan_attempts + 1 where hash = $1 and scan = 'unscanned' returning 1
            """, r => r.GetInt32(0), cancellationToken, hash, found is null ? "clean" : "found", found?.Replace("\0", "", StringComparison.Ordinal), machine.GetUtcNow());
        return true;
    }

    [LoggerMessage(EventId = 3404, Level = LogLevel.Warning, Message = "The scanner couldn't tell about content {Hash} (attempt {Attempt}): {Cause} Asking again in {Seconds} s")]
    private partial void LogUntold(string hash, int attempt, string cause, double seconds);

    [LoggerMessage(EventId = 3402, Level = LogLevel.Warning, Message = "The scanner found {Found} in content {Hash}")]
    private partial void LogFound(string hash, string found);
}
