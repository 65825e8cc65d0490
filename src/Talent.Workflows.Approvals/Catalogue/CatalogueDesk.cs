using System.Globalization;
using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Catalogue;

/// <summary>A round as it is to be: whole days of Asia/Shanghai, first and last included.</summary>
public sealed record RoundChange
{
    /// <summary>As services name it in <c>conditions.rounds</c>.</summary>
    public required string Series { get; init; }
    public required short Year { get; init; }
    public required string NameZh { get; init; }
    public required string NameEn { get; init; }
    public required DateOnly OpensOn { get; init; }
    public required DateOnly ClosesOn { get; init; }

    /// <summary>It doesn't take place.</summary>
    public bool Cancelled { get; init; }

    /// <summary>Kept with the change.</summary>
    public required string Reason { get; init; }
}

/// <summary>A bar as it is to be. Whom it is on never changes.</summary>
public sealed record BarChange
{
    /// <summary>The person; exactly one of both is given.</summary>
    public string? User { get; init; }
    public string? Employer { get; init; }

    /// <summary>Null: all services.</summary>
    public IReadOnlyList<string>? Services { get; init; }
    public required DateOnly From { get; init; }

    /// <summary>The last day; null: for good.</summary>
    public DateOnly? To { get; init; }

    /// <summary>文号 of the decision.</summary>
    public required string DocumentNumber { get; init; }
    public required string DocumentTitle { get; init; }

    /// <summary>解除.</summary>
    public bool Lifted { get; init; }
    public required string Reason { get; init; }
}

/// <summary>A service closed for everybody, or open again.</summary>
public sealed record ClosureChange
{
    public required bool Closed { get; init; }

    /// <summary>What people are told.</summary>
    public required string Zh { get; init; }
    public required string En { get; init; }

    /// <summary>The last day; null: until it is opened again.</summary>
    public DateOnly? To { get; init; }
    public required string Reason { get; init; }
}

public sealed record RoundView(string Id, long Version, string Series, short Year, string NameZh, string NameEn, DateOnly OpensOn, DateOnly ClosesOn, bool Cancelled);

public sealed record BarView(Guid Id, long Version, string? User, string? Employer, IReadOnlyList<string>? Services, DateOnly From, DateOnly? To, string DocumentNumber, string DocumentTitle, bool Lifted);

public sealed record ClosureView(string Service, long Version, bool Closed, string Zh, string En, DateOnly? To);

/// <summary>What administrators decide about filing: rounds, bars, closures. Each change needs the version that was read, and is kept with who, when and why.</summary>
public sealed class CatalogueDesk(NpgsqlDataSource database, Cursors cursors, BusinessClock clock)
{
    /// <summary>Rounds, the one that opens last first.</summary>
    /// <param name="series">Null: all.</param>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: not one of our cursors.</exception>
    public Task<Page<RoundView>> RoundsAsync(string? series, string? cursor, int limit, CancellationToken cancellationToken) => PageAsync($"rounds|{series}", cursor, limit, r => (r.OpensOn, r.Id), (after, size) => database.QueryAsync("""
        select id, version, series, year, name_zh, name_en, opens_at, closes_at, cancelled from approvals.filing_rounds
        where ($1::text is null or series = $1) and ($2::timestamptz is null or opens_at < $2 or opens_at = $2 and id > $3) order by opens_at desc, id limit $4
        """, Round, cancellationToken, series, after.From.OrNull(), after.Id ?? "", size));

    /// <exception cref="WorkflowException"><c>not_found</c>.</exception>
    public async Task<RoundView> RoundAsync(string id, CancellationToken cancellationToken) =>
        await FindRoundAsync(id, cancellationToken) ?? throw NotFound(CatalogueChanges.Round, id);

    /// <exception cref="WorkflowException"><c>forbidden</c>, <c>invalid_request</c> with the errors, <c>precondition_required</c>, <c>precondition_failed</c>.</exception>
    public async Task<RoundView> SaveAsync(Caller caller, string id, RoundChange round, long? ifVersion, CancellationToken cancellationToken)
    {
        caller.RequireAdministrator();
        CatalogueChanges.Require(Id("id", id), Id("series", round.Series), CatalogueChanges.Text("nameZh", round.NameZh), CatalogueChanges.Text("nameEn", round.NameEn), CatalogueChanges.Text("reason", round.Reason),
            round.Year is < 2000 or > 2999 ? CatalogueChanges.Error("year", "须为四位年份", "a year of four digits") : null,
            round.ClosesOn < round.OpensOn ? CatalogueChanges.Error("closesOn", "不能早于开始日期", "it may not lie before the first day") : null);
        var before = await FindRoundAsync(id, cancellationToken);
        await WriteAsync(caller.Actor, id, round, before?.Version ?? 0, ifVersion, fromFile: false, cancellationToken);
        return await RoundAsync(id, cancellationToken);
    }

    internal Task<long> WriteAsync(Actor actor, string id, RoundChange round, long version, long? ifVersion, bool fromFile, CancellationToken cancellationToken) =>
        CatalogueChanges.WriteAsync(database, actor, clock.Now, CatalogueChanges.Round, id, version, ifVersion, round.Reason, round, """
            insert into approvals.filing_rounds (id, series, year, name_zh, name_en, opens_at, closes_at, cancelled, from_file, version) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            on conflict (id) do update set series = excluded.series, year = excluded.year, name_zh = excluded.name_zh, name_en = excluded.name_en, opens_at = excluded.opens_at, closes_at = excluded.closes_at,
                cancelled = excluded.cancelled, from_file = excluded.from_file, version = excluded.version
            """, [id, round.Series, round.Year, round.NameZh, round.NameEn, ChinaTime.At(round.OpensOn, TimeSpan.Zero), ChinaTime.EndOf(round.ClosesOn), round.Cancelled, fromFile], cancellationToken);

    /// <summary>Bars, the one that begins last first.</summary>
    /// <param name="user">On whom; null: anybody.</param>
    /// <exception cref="WorkflowException"><c>forbidden</c>; <c>invalid_request</c>: not one of our cursors.</exception>
    public Task<Page<BarView>> BarsAsync(Caller caller, string? user, string? employer, bool inForce, string? cursor, int limit, CancellationToken cancellationToken)
    {
        caller.RequireAdministrator();
        return PageAsync($"bars|{user}|{employer}|{inForce}", cursor, limit, b => (b.From, b.Id.ToString()), (after, size) => database.QueryAsync($"""
            select {BarColumns} from approvals.filing_bars b where ($1::text is null or b.user_id = $1) and ($2::text is null or b.employer_id = $2)
                and (not $3 or not b.lifted and b.from_at <= $4 and (b.until_at is null or b.until_at > $4))
                and ($5::timestamptz is null or b.from_at < $5 or b.from_at = $5 and b.id > $6) order by b.from_at desc, b.id limit $7
            """, Bar, cancellationToken, user, employer, inForce, clock.Now, after.From.OrNull(), after.Id is { } id ? Guid.Parse(id) : Guid.Empty, size));
    }

    /// <exception cref="WorkflowException"><c>forbidden</c>, <c>not_found</c>.</exception>
    public async Task<BarView> BarAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        caller.RequireAdministrator();
        return await FindBarAsync(id, cancellationToken) ?? throw NotFound(CatalogueChanges.Bar, id.ToString());
    }

    /// <exception cref="WorkflowException"><c>forbidden</c>, <c>invalid_request</c> with the errors, <c>precondition_required</c>, <c>precondition_failed</c>.</exception>
    public async Task<BarView> SaveAsync(Caller caller, Guid id, BarChange bar, long? ifVersion, CancellationToken cancellationToken)
    {
        caller.RequireAdministrator();
        var before = await FindBarAsync(id, cancellationToken);
        CatalogueChanges.Require(CatalogueChanges.Text("documentNumber", bar.DocumentNumber), CatalogueChanges.Text("documentTitle", bar.DocumentTitle), CatalogueChanges.Text("reason", bar.Reason),
            bar.User is null == bar.Employer is null ? CatalogueChanges.Error("user", "须且只能指明个人或单位之一", "name either a user or an employer") : null,
            bar.To < bar.From ? CatalogueChanges.Error("to", "不能早于开始日期", "it may not lie before the first day") : null,
            bar.Services is { Count: 0 or > 100 } || bar.Services?.Any(s => Id("services", s) is not null) == true ? CatalogueChanges.Error("services", "须为事项编号，全部事项则不填", "ids of services; leave it out for all") : null,
            before is not null && (before.User, before.Employer) != (bar.User, bar.Employer) ? CatalogueChanges.Error("user", "限制对象不能更改", "whom it is on can't be changed") : null,
            before is null && !await ExistsAsync(bar, cancellationToken) ? CatalogueChanges.Error(bar.User is null ? "employer" : "user", "该个人或单位不存在", "there is none") : null);
        await CatalogueChanges.WriteAsync(database, caller.Actor, clock.Now, CatalogueChanges.Bar, id.ToString(), before?.Version ?? 0, ifVersion, bar.Reason, bar, """
            insert into approvals.filing_bars (id, user_id, employer_id, services, from_at, until_at, document_number, document_title, lifted, version) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            on conflict (id) do update set services = excluded.services, from_at = excluded.from_at, until_at = excluded.until_at, document_number = excluded.document_number, document_title = excluded.document_title,
                lifted = excluded.lifted, version = excluded.version
            """, [id, bar.User, bar.Employer, bar.Services.OrNull(), ChinaTime.At(bar.From, TimeSpan.Zero), End(bar.To), bar.DocumentNumber, bar.DocumentTitle, bar.Lifted], cancellationToken);
        return await BarAsync(caller, id, cancellationToken);
    }

    public Task<List<ClosureView>> ClosuresAsync(CancellationToken cancellationToken) =>
        database.QueryAsync("select service, version, closed, zh, en, until_at from approvals.service_closures order by service limit 500", Closure, cancellationToken);

    /// <exception cref="WorkflowException"><c>forbidden</c>, <c>invalid_request</c> with the errors, <c>precondition_required</c>, <c>precondition_failed</c>.</exception>
    public async Task<ClosureView> SaveAsync(Caller caller, string service, ClosureChange closure, long? ifVersion, CancellationToken cancellationToken)
    {
        caller.RequireAdministrator();
        CatalogueChanges.Require(Id("service", service), CatalogueChanges.Text("zh", closure.Zh), CatalogueChanges.Text("en", closure.En), CatalogueChanges.Text("reason", closure.Reason));
        var before = await FindClosureAsync(service, cancellationToken);
        await CatalogueChanges.WriteAsync(database, caller.Actor, clock.Now, CatalogueChanges.Closure, service, before?.Version ?? 0, ifVersion, closure.Reason, closure, """
            insert into approvals.service_closures (service, closed, zh, en, until_at, version) values ($1, $2, $3, $4, $5, $6)
            on conflict (service) do update set closed = excluded.closed, zh = excluded.zh, en = excluded.en, until_at = excluded.until_at, version = excluded.version
            """, [service, closure.Closed, closure.Zh, closure.En, End(closure.To)], cancellationToken);
        return (await FindClosureAsync(service, cancellationToken))!;
    }

    /// <summary>Who changed what when and why, the newest first.</summary>
    /// <exception cref="WorkflowException"><c>forbidden</c>.</exception>
    public Task<List<CatalogueChange>> ChangesAsync(Caller caller, string subject, string id, CancellationToken cancellationToken)
    {
        caller.RequireAdministrator();
        return CatalogueChanges.ReadAsync(database, subject, id, cancellationToken);
    }

    internal async Task<bool> IsFromFileAsync(string round, CancellationToken cancellationToken) =>
        (await database.QueryAsync("select 1 from approvals.filing_rounds where id = $1 and from_file", r => r.GetInt32(0), cancellationToken, round)).Count > 0;

    internal Task<RoundView?> FindRoundAsync(string id, CancellationToken cancellationToken) =>
        database.SingleAsync("select id, version, series, year, name_zh, name_en, opens_at, closes_at, cancelled from approvals.filing_rounds where id = $1", Round, cancellationToken, id);

    private const string BarColumns = "b.id, b.version, b.user_id, b.employer_id, b.services, b.from_at, b.until_at, b.document_number, b.document_title, b.lifted";

    private Task<BarView?> FindBarAsync(Guid id, CancellationToken cancellationToken) =>
        database.SingleAsync($"select {BarColumns} from approvals.filing_bars b where b.id = $1", Bar, cancellationToken, id);

    private Task<ClosureView?> FindClosureAsync(string service, CancellationToken cancellationToken) =>
        database.SingleAsync("select service, version, closed, zh, en, until_at from approvals.service_closures where service = $1", Closure, cancellationToken, service);

    private async Task<bool> ExistsAsync(BarChange bar, CancellationToken cancellationToken) => (await database.QueryAsync(
        "select 1 where exists (select from approvals.users where id = $1) or exists (select from approvals.organisations where id = $2)", r => r.GetInt32(0), cancellationToken, bar.User, bar.Employer)).Count > 0;

    private static RoundView Round(NpgsqlDataReader r) => new(r.GetString(0), r.GetInt64(1), r.GetString(2), r.GetInt16(3), r.GetString(4), r.GetString(5),
        ChinaTime.DateOf(r.GetFieldValue<DateTimeOffset>(6)), LastDay(r.GetFieldValue<DateTimeOffset>(7)), r.GetBoolean(8));

    private static BarView Bar(NpgsqlDataReader r) => new(r.GetGuid(0), r.GetInt64(1), r.Text(2), r.Text(3), r.IsDBNull(4) ? null : r.GetFieldValue<string[]>(4),
        ChinaTime.DateOf(r.GetFieldValue<DateTimeOffset>(5)), r.Instant(6) is { } until ? LastDay(until) : null, r.GetString(7), r.GetString(8), r.GetBoolean(9));

    private static ClosureView Closure(NpgsqlDataReader r) => new(r.GetString(0), r.GetInt64(1), r.GetBoolean(2), r.GetString(3), r.GetString(4), r.Instant(5) is { } until ? LastDay(until) : null);

    /// <param name="key">The day that a row begins on, by which its list is ordered, and its id: whole days of Asia/Shanghai.</param>
    private async Task<Page<T>> PageAsync<T>(string list, string? cursor, int limit, Func<T, (DateOnly From, string Id)> key, Func<(DateTimeOffset? From, string? Id), int, Task<List<T>>> read)
    {
        var size = Math.Clamp(limit, 1, 200);
        var after = cursors.Read(list, cursor)?.Split('|', 2);
        var rows = await read(after is null ? ((DateTimeOffset?)null, null) : (ChinaTime.At(DateOnly.ParseExact(after[0], Day, CultureInfo.InvariantCulture), TimeSpan.Zero), after[1]), size + 1);
        if (rows.Count <= size)
            return new(rows, null);
        var (from, id) = key(rows[size - 1]);
        return new(rows[..size], cursors.Write(list, $"{from.ToString(Day, CultureInfo.InvariantCulture)}|{id}"));
    }

    private const string Day = "yyyy-MM-dd";

    private static DateOnly LastDay(DateTimeOffset exclusive) => ChinaTime.DateOf(exclusive.AddTicks(-1));

    private static object End(DateOnly? last) => (last is { } day ? ChinaTime.EndOf(day) : (DateTimeOffset?)null).OrNull();

    /// <summary>Ids are parts of addresses.</summary>
    internal static ProblemError? Id(string path, string id) => id.Length is > 0 and <= 100 && id.All(c => c is >= 'a' and <= 'z' or >= '0' and <= '9' or '-' or '_' or '.' || char.IsAsciiLetterUpper(c)) && id.Trim('.').Length > 0
        ? null : CatalogueChanges.Error(path, "须为 1 至 100 个字母、数字、连字符、下划线或点", "1 to 100 letters, digits, hyphens, underscores or dots");

    private static WorkflowException NotFound(string subject, string id) => new(ErrorCodes.NotFound, $"There is no {subject} '{id}'. Check the id.", "没有该记录。");
}
