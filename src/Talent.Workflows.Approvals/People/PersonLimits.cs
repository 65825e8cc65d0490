using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.People;

/// <summary>What one person, or one identity number, may ask for in 24 hours: counted beside the verification codes, right for any number of nodes.</summary>
internal static class PersonLimits
{
    public static CodeLimit PerDay(string name, int most) => new(name, (most, TimeSpan.FromDays(1)));

    /// <summary>The counter of one limit.</summary>
    /// <param name="of">Whose: an id, or a blind index.</param>
    public static byte[] Key(CodeLimit limit, ReadOnlySpan<byte> of) => SHA256.HashData([.. Encoding.UTF8.GetBytes($"talent-person\n{limit.Name}\n"), .. of]);

    /// <summary>Takes a place.</summary>
    /// <param name="now">Machine clock.</param>
    /// <exception cref="WorkflowException"><c>rate_limited</c>.</exception>
    public static async Task TakeAsync(NpgsqlDataSource database, CodeLimit limit, byte[] key, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if ((await database.QueryAsync(limit.TakeSql("$1", "$2", "(values (1)) one"), r => r.GetInt32(0), cancellationToken, key, now)).Count == 0)
            throw await RefusalAsync(database, limit, key, now, cancellationToken);
    }

    /// <summary>Why there was no place, and when there will be one.</summary>
    public static async Task<WorkflowException> RefusalAsync(NpgsqlDataSource database, CodeLimit limit, byte[] key, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var recent = await database.SingleAsync("select recent from approvals.code_limits where key = $1", r => r.GetFieldValue<DateTimeOffset[]>(0), cancellationToken, key);
        // Another request may have given way meanwhile.
        var wait = Math.Max(1, (int)Math.Ceiling(limit.Wait(recent ?? [], now).TotalSeconds));
        return new WorkflowException(ErrorCodes.RateLimited, string.Create(CultureInfo.InvariantCulture, $"Too many tries ({limit.Name}). Try again in {wait} s."), $"尝试次数过多，请在{wait}秒后重试。")
        { Facts = new Dictionary<string, object?> { ["limit"] = limit.Name, ["retryAfterSeconds"] = wait } };
    }
}
