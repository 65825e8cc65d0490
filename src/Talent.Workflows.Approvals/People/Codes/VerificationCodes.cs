using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Messages.Templates;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.People.Codes;

/// <summary>
/// Codes of six digits that prove who has a telephone: sent by SMS against an image challenge, good once, for five minutes and five
/// tries. Nothing here asks whether anybody has the number, so nobody learns it. What is counted is counted in the database, in the
/// statement that issues: right for any number of nodes, and after a restart.
/// </summary>
/// <remarks>Source: R-ACC-1; docs/adr/0023. By the machine clock, which nobody advances.</remarks>
public sealed class VerificationCodes
{
    public const int Digits = 6;

    /// <summary>Tries of one code, the right one among them.</summary>
    public const int MostTries = 5;

    private const int PrunedAtOnce = 100;

    /// <summary>How long a code, and a challenge, is good for.</summary>
    public static TimeSpan Life { get; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the row of a code is kept, so that a repeated request is known.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    private readonly NpgsqlDataSource database;
    private readonly CodeKey key;
    private readonly BusinessClock clock;
    private readonly Wakeups wakeups;
    private readonly CodeOptions options;
    private readonly (CodeLimit Address, CodeLimit Phone, CodeLimit Total) limits;
    private readonly string challengeSql;
    private readonly string issueSql;
    private bool registered;

    public VerificationCodes(NpgsqlDataSource database, CodeKey key, BusinessClock clock, Wakeups wakeups, IOptions<CodeOptions> options)
    {
        (this.database, this.key, this.clock, this.wakeups, this.options) = (database, key, clock, wakeups, options.Value);
        var (minute, hour, day) = (TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), TimeSpan.FromDays(1));
        limits = (
            new CodeLimit("address", (this.options.AddressPerHour, hour), (this.options.AddressPerDay, day)),
            new CodeLimit("phone", (1, TimeSpan.FromSeconds(this.options.PhonePauseSeconds)), (this.options.PhonePerHour, hour), (this.options.PhonePerDay, day)),
            new CodeLimit("total", (this.options.TotalPerMinute, minute)));
        ChallengeLimit = new CodeLimit("challenges", (this.options.ChallengesPerTenMinutes, TimeSpan.FromMinutes(10)));
        challengeSql = $"""
            with place as ({ChallengeLimit.TakeSql("$3", "$4", "(values (1)) one")}),
            old as (delete from approvals.code_challenges where id = any(array(
                select o.id from approvals.code_challenges o where o.expires_at < $4 - interval '1 day' limit {PrunedAtOnce} for update skip locked)))
            insert into approvals.code_challenges (id, answer, expires_at) select $1, $2, $5 from place returning 1
            """;
        // Places are taken one after the other, each only if the one before was there: of the address first, so that whoever asks too
        // often doesn't use up what others have. The locks are taken in the same order by everybody.
        issueSql = $"""
            with challenge as (
                update approvals.code_challenges c set spent_at = $2 where c.id = $1 and c.spent_at is null and c.expires_at > $2 returning c.answer = $3 as passed),
            address as ({limits.Address.TakeSql("$4", "$2", "challenge where challenge.passed")}),
            phone as ({limits.Phone.TakeSql("$5", "$2", "address")}),
            total as ({limits.Total.TakeSql("$6", "$2", "phone")}),
            code as (
                insert into approvals.codes (id, phone, purpose, hash, expires_at) select $1, $5, $7, $8, $9 from total returning id),
            sms as (
                insert into engine.outbox (id, instance_id, kind, payload, created_at) select code.id, code.id, '{CodeDelivery.WorkKind}', $10, $11 from code)
            select (select challenge.passed from challenge), exists (select from address), exists (select from phone), exists (select from total)
            """;
    }

    private CodeLimit ChallengeLimit { get; }

    /// <summary>Makes an image challenge. Its answer is kept nowhere.</summary>
    /// <param name="address">Of the person who is to solve it; null when unknown.</param>
    /// <exception cref="WorkflowException"><c>rate_limited</c>, <c>unavailable</c>.</exception>
    public async Task<ImageChallenge> ChallengeAsync(IPAddress? address, CancellationToken cancellationToken)
    {
        await RegisterAsync(cancellationToken);
        var (id, now, text, counted) = (NewId(), Now, ChallengeImage.NewText(), key.Address("challenges", address));
        var made = await database.QueryAsync(challengeSql, r => r.GetInt32(0), cancellationToken, id, key.Answer(id, text), counted, now, now + Life);
        if (made.Count == 0)
            throw await TooManyAsync(ChallengeLimit, counted, now, cancellationToken);
        return new ImageChallenge(id, ChallengeImage.Draw(text, RandomNumberGenerator.GetInt32(int.MaxValue)), now + Life);
    }

    /// <summary>Sends a code to a telephone. With the challenge of an earlier call and the same answer, telephone and purpose: answers the same, and sends nothing.</summary>
    /// <param name="answer">What the person read in the image; small letters, spaces and full-width characters will do.</param>
    /// <param name="language">One of <see cref="MessageLanguages"/>.</param>
    /// <exception cref="WorkflowException">
    /// <c>invalid_form</c>, with the fact <c>fault</c>: <c>challenge_wrong</c>, <c>challenge_gone</c>; both need another challenge. <c>rate_limited</c>, <c>unavailable</c>.
    /// </exception>
    public async Task<IssuedCode> IssueAsync(Guid challenge, string? answer, PhoneNumber phone, CodePurpose purpose, string language, IPAddress? address, CancellationToken cancellationToken)
    {
        await RegisterAsync(cancellationToken);
        var (now, given, number, from) = (Now, key.Answer(challenge, ChallengeImage.Plain(answer)), key.Phone(phone), key.Address("address", address));
        var code = RandomNumberGenerator.GetString("0123456789", Digits);
        var order = CodeOrder.Seal(key, challenge, new CodeSms(phone.Value, code, purpose.Code, language), now + Life);
        var (passed, address1, phone1, total) = (await database.QueryAsync(issueSql, r => (r.IsDBNull(0) ? (bool?)null : r.GetBoolean(0), r.GetBoolean(1), r.GetBoolean(2), r.GetBoolean(3)), cancellationToken,
            challenge, now, given, from, number, key.Total, purpose.Code, key.Code(challenge, code), now + Life, order, clock.Now))[0];
        switch (passed, address1, phone1, total)
        {
            case (true, true, true, true):
                wakeups.Outbox.Set();
                await PruneAsync(now, cancellationToken);
                return new IssuedCode(challenge, now + Life, options.PhonePauseSeconds);
            case (true, false, _, _):
                throw await TooManyAsync(limits.Address, from, now, cancellationToken);
            case (true, _, false, _):
                throw await TooManyAsync(limits.Phone, number, now, cancellationToken);
            case (true, _, _, false):
                throw await TooManyAsync(limits.Total, key.Total, now, cancellationToken);
            case (false, _, _, _):
                throw Refused("challenge_wrong", "The answer isn't what the image shows. Get another challenge.", "图形验证码错误，请重新获取图形验证码。");
        }
        return await IssuedBeforeAsync(challenge, given, number, purpose, cancellationToken)
            ?? throw Refused("challenge_gone", "The challenge was used already, or is older than five minutes. Get another one.", "图形验证码已使用或已过期，请重新获取。");
    }

    /// <summary>Checks a code. Each call with the id, telephone and purpose of an open code is one of its tries, counted before it is compared.</summary>
    /// <param name="receipt">The request, when it may be repeated: the same one passes again for as long as the code is known (a day).</param>
    /// <exception cref="WorkflowException">
    /// <c>invalid_form</c>, with the facts <c>fault</c> (<c>code_wrong</c>; <c>code_locked</c> after five tries; <c>code_used</c>; <c>code_gone</c>: too old, or never sent
    /// to this telephone for this purpose) and <c>triesLeft</c>. <c>unavailable</c>.
    /// </exception>
    public async Task<PassedCheck> CheckAsync(Guid id, PhoneNumber phone, CodePurpose purpose, string? code, Idempotency? receipt, CancellationToken cancellationToken)
    {
        await RegisterAsync(cancellationToken);
        var (now, number, hash) = (Now, key.Phone(phone), key.Code(id, TypedText.Narrow(code).Replace(" ", "", StringComparison.Ordinal)));
        var request = receipt is null ? [] : key.Request(receipt);
        var tried = await database.QueryAsync($"""
            update approvals.codes c set tries = c.tries + 1,
                passed_at = case when c.hash = $4 then $5 end, receipt = case when c.hash = $4 then $6 end
            where c.id = $1 and c.phone = $2 and c.purpose = $3 and c.passed_at is null and c.tries < {MostTries} and c.expires_at > $5
            returning c.passed_at is not null, c.tries
            """, r => (Passed: r.GetBoolean(0), Tries: (int)r.GetInt16(1)), cancellationToken, id, number, purpose.Code, hash, now, request);
        if (tried is [{ Passed: true }])
            return new PassedCheck(id, purpose.Code, now);
        if (tried is [{ Tries: var tries }])
            throw tries >= MostTries ? Locked() : Refused("code_wrong", $"The code is wrong. {MostTries - tries} tries are left.", $"验证码错误，还可尝试{MostTries - tries}次。", MostTries - tries);
        // What it wasn't tried for; read afterwards, so that what another request has just done is seen.
        var known = await database.SingleAsync("select passed_at, receipt, tries from approvals.codes where id = $1 and phone = $2 and purpose = $3",
            r => new Known(r.Instant(0), r.IsDBNull(1) ? [] : r.GetFieldValue<byte[]>(1), r.GetInt16(2)), cancellationToken, id, number, purpose.Code);
        return known switch
        {
            { PassedAt: { } at, Receipt: { Length: > 0 } kept } when kept.AsSpan().SequenceEqual(request) => new PassedCheck(id, purpose.Code, at),
            { PassedAt: not null } => throw Refused("code_used", "The code was used already. Have another one sent.", "验证码已使用，请重新获取。"),
            { Tries: >= MostTries } => throw Locked(),
            _ => throw Refused("code_gone", "The code is no longer good. Have another one sent.", "验证码无效或已过期，请重新获取。"),
        };

        static WorkflowException Locked() => Refused("code_locked", "The code was tried too often. Have another one sent.", "验证码错误次数过多，已失效，请重新获取。");
    }

    /// <summary>Whole milliseconds: PostgreSQL keeps microseconds, and a repeated request gets the same answer.</summary>
    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(clock.Machine.GetUtcNow().ToUnixTimeMilliseconds());

    private static Guid NewId() => new(RandomNumberGenerator.GetBytes(16));

    private async Task<IssuedCode?> IssuedBeforeAsync(Guid challenge, byte[] answer, byte[] phone, CodePurpose purpose, CancellationToken cancellationToken) => await database.SingleAsync("""
        select c.expires_at from approvals.codes c join approvals.code_challenges h on h.id = c.id where c.id = $1 and h.answer = $2 and c.phone = $3 and c.purpose = $4
        """, r => new IssuedCode(challenge, r.GetFieldValue<DateTimeOffset>(0), options.PhonePauseSeconds), cancellationToken, challenge, answer, phone, purpose.Code);

    private async Task<WorkflowException> TooManyAsync(CodeLimit limit, byte[] counted, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var recent = await database.SingleAsync("select recent from approvals.code_limits where key = $1", r => r.GetFieldValue<DateTimeOffset[]>(0), cancellationToken, counted);
        // Another request may have given way meanwhile.
        var wait = Math.Max(1, (int)Math.Ceiling(limit.Wait(recent ?? [], now).TotalSeconds));
        return new WorkflowException(ErrorCodes.RateLimited, string.Create(CultureInfo.InvariantCulture, $"Too many requests for verification codes ({limit.Name}). Try again in {wait} s."), $"获取验证码过于频繁，请在{wait}秒后重试。")
        { Facts = new Dictionary<string, object?> { ["limit"] = limit.Name, ["retryAfterSeconds"] = wait } };
    }

    /// <summary>All nodes have to count under one key: the first that asks is the one.</summary>
    private async Task RegisterAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref registered))
            return;
        await database.QueryAsync("insert into approvals.code_key (id, registered_at) values ($1, $2) on conflict do nothing returning 1", r => r.GetInt32(0), cancellationToken, key.Id, Now);
        // A statement of its own: the one above doesn't see what another node committed while it waited for that node.
        if (await database.SingleAsync("select id from approvals.code_key", r => r.GetString(0), cancellationToken) != key.Id)
            throw new WorkflowException(ErrorCodes.Unavailable, "This node's key of verification codes isn't the one that is in use. Give all nodes the same Talent__CodeKeyFile.", "本节点暂时无法提供短信验证码，请稍后再试。")
            { Facts = new Dictionary<string, object?> { ["retryAfterSeconds"] = 30 } };
        Volatile.Write(ref registered, true);
    }

    /// <summary>Forgets what says nothing any more, a little at a time. Rows that others hold are left to them.</summary>
    private async Task PruneAsync(DateTimeOffset now, CancellationToken cancellationToken) => await database.QueryAsync($"""
        with codes as (delete from approvals.codes where id = any(array(
            select o.id from approvals.codes o where o.expires_at < $2 limit {PrunedAtOnce} for update skip locked)))
        delete from approvals.code_limits where key = any(array(
            select o.key from approvals.code_limits o where o.until < $1 limit {PrunedAtOnce} for update skip locked)) returning 1
        """, r => r.GetInt32(0), cancellationToken, now, now - Kept);

    private static WorkflowException Refused(string fault, string en, string zh, int triesLeft = 0) =>
        new(ErrorCodes.InvalidForm, en, zh) { Facts = new Dictionary<string, object?> { ["fault"] = fault, ["triesLeft"] = triesLeft } };

    private sealed record Known(DateTimeOffset? PassedAt, byte[] Receipt, short Tries);
}

/// <summary>An image with characters to read: PNG.</summary>
/// <param name="ExpiresAt">Machine clock.</param>
public sealed record ImageChallenge(Guid Id, byte[] Image, DateTimeOffset ExpiresAt);

/// <summary>A code that is on its way to the telephone.</summary>
/// <param name="Id">The challenge's; the code is checked by it.</param>
/// <param name="ResendAfterSeconds">When another may be asked for, at the earliest.</param>
public sealed record IssuedCode(Guid Id, DateTimeOffset ExpiresAt, int ResendAfterSeconds);

/// <summary>Whoever sent the code has the telephone.</summary>
public sealed record PassedCheck(Guid Id, string Purpose, DateTimeOffset PassedAt);
