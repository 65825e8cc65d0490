using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Employers.Associations;

/// <summary>The code of an employer, as its handlers see it.</summary>
public sealed record AssociationCodeView(string EmployerId, string Code, DateTimeOffset MadeAt);

/// <summary>An employer as a person sees it before they ask it: enough to confirm, nothing else.</summary>
/// <param name="Uscc">统一社会信用代码.</param>
public sealed record FoundEmployer(string NameZh, string NameEn, string? Uscc);

/// <summary>
/// 关联代码: shown to an employer's handlers, replaced by them at once, and looked up by people, so often an hour and a day; each
/// look-up counts, right or wrong, in the database.
/// </summary>
public sealed class AssociationCodes(NpgsqlDataSource database, DirectoryReader directory, BusinessClock clock, TimeProvider time)
{
    /// <summary>By the machine clock, which nobody advances.</summary>
    internal static readonly CodeLimit LookUps = new("association-codes", (10, TimeSpan.FromHours(1)), (30, TimeSpan.FromDays(1)));

    private const int Attempts = 5;

    /// <summary>An employer's code; it gets its first one when it is asked for.</summary>
    /// <exception cref="WorkflowException"><c>forbidden</c>: the caller isn't a handler there.</exception>
    public async Task<AssociationCodeView> ReadAsync(Caller caller, string employer, CancellationToken cancellationToken)
    {
        await RequireHandlerAsync(caller, employer, cancellationToken);
        return await FindAsync(employer, cancellationToken)
            ?? await MakeAsync(caller, employer, null, "on conflict (employer_id) do nothing", cancellationToken)
            ?? await FindAsync(employer, cancellationToken) ?? throw new WorkflowException(ErrorCodes.Busy, "The code is being made at this moment. Ask again.", "关联代码正在生成，请稍后重试。");
    }

    /// <summary>Gives an employer another code: the one before finds nobody from this moment on.</summary>
    /// <exception cref="WorkflowException"><c>forbidden</c>.</exception>
    public async Task<AssociationCodeView> ReplaceAsync(Caller caller, string employer, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        await RequireHandlerAsync(caller, employer, cancellationToken);
        var request = RowIds.Of($"association-code\n{employer}", idempotency, clock.Now);
        return await MakeAsync(caller, employer, request, """
            on conflict (employer_id) do update set code = excluded.code, made_at = excluded.made_at, made_by = excluded.made_by, request = excluded.request
            where association_codes.request is distinct from excluded.request
            """, cancellationToken) ?? (await FindAsync(employer, cancellationToken))!;
    }

    /// <summary>Which employer has a code, for the acting user to confirm.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>; <c>rate_limited</c> with <c>retryAfterSeconds</c>.</exception>
    public async Task<FoundEmployer> LookUpAsync(Caller caller, string? code, CancellationToken cancellationToken) => (await TakeAsync(caller.RequireUser(), code, cancellationToken)).Employer;

    /// <summary>The employer that somebody asks to be associated with, and the code as it is kept.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>rate_limited</c>.</exception>
    internal async Task<(string EmployerId, string Code)> AskedAsync(DirectoryPerson person, string? code, CancellationToken cancellationToken)
    {
        var (id, read, _) = await TakeAsync(person.Id, code, cancellationToken);
        return (id, read);
    }

    /// <exception cref="WorkflowException"><c>forbidden</c>: the caller isn't one of the employer's handlers.</exception>
    public async Task RequireHandlerAsync(Caller caller, string employer, CancellationToken cancellationToken)
    {
        if (!caller.MayActAs("employer.handler") || !caller.MayActFor(employer) || !await directory.HoldsAsync(caller.RequireUser(), "employer.handler", employer, cancellationToken))
            throw AssociationRefusal.NotHandler(caller.User, employer);
    }

    private async Task<(string Id, string Code, FoundEmployer Employer)> TakeAsync(string user, string? typed, CancellationToken cancellationToken)
    {
        var (now, counted) = (time.GetUtcNow(), SHA256.HashData(Encoding.UTF8.GetBytes($"association-codes\n{user}")));
        if ((await database.QueryAsync($"with place as ({LookUps.TakeSql("$1", "$2", "(values (1)) one")}) select 1 from place", r => r.GetInt32(0), cancellationToken, counted, now)).Count == 0)
            throw await TooManyAsync(counted, now, cancellationToken);
        if (AssociationCode.Read(typed) is not { } code)
            throw AssociationRefusal.NoSuchCode();
        var found = await database.QueryAsync("""
            select o.id, o.name_zh, o.name_en, o.uscc from approvals.association_codes k join approvals.organisations o on o.id = k.employer_id and o.active where k.code = $1
            """, r => (r.GetString(0), new FoundEmployer(r.GetString(1), r.GetString(2), r.Text(3))), cancellationToken, code);
        return found is [var (id, employer)] ? (id, code, employer) : throw AssociationRefusal.NoSuchCode();
    }

    private async Task<WorkflowException> TooManyAsync(byte[] counted, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var recent = await database.SingleAsync("select recent from approvals.code_limits where key = $1", r => r.GetFieldValue<DateTimeOffset[]>(0), cancellationToken, counted);
        var wait = Math.Max(1, (int)Math.Ceiling(LookUps.Wait(recent ?? [], now).TotalSeconds));
        return new WorkflowException(ErrorCodes.RateLimited, string.Create(CultureInfo.InvariantCulture, $"Too many look-ups of association codes. Try again in {wait} s."), $"查询关联代码过于频繁，请在{wait}秒后重试。")
        { Facts = new Dictionary<string, object?> { ["limit"] = LookUps.Name, ["retryAfterSeconds"] = wait } };
    }

    private Task<AssociationCodeView?> FindAsync(string employer, CancellationToken cancellationToken) =>
        database.SingleAsync<AssociationCodeView>("select employer_id, code, made_at from approvals.association_codes where employer_id = $1", Read, cancellationToken, employer);

    /// <summary>Null: there is one that stays.</summary>
    private async Task<AssociationCodeView?> MakeAsync(Caller caller, string employer, Guid? request, string onConflict, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
            try
            {
                return await database.SingleAsync<AssociationCodeView>($"""
                    with made as (
                        insert into approvals.association_codes (employer_id, code, made_at, made_by, request) values ($1, $2, $3, $4, $5) {onConflict} returning employer_id, code, made_at),
                    noted as (
                        insert into approvals.directory_changes (at, credential, user_id, subject, subject_id, change, fields)
                        select $3, $6, $4, 'association-code', employer_id, case when $5::uuid is null then 'added' else 'changed' end, array['code'] from made)
                    select employer_id, code, made_at from made
                    """, Read, cancellationToken, employer, AssociationCode.New(), clock.Now, caller.User, request.OrNull(), caller.Credential);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation && attempt < Attempts)
            {
                // Another employer's: once in a lifetime.
                continue;
            }
    }

    private static AssociationCodeView Read(NpgsqlDataReader r) => new(r.GetString(0), r.GetString(1), r.GetFieldValue<DateTimeOffset>(2));
}
