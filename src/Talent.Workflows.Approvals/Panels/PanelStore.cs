using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>Reads panels, the expert pool, and — for the count alone — ballots.</summary>
public sealed class PanelStore(NpgsqlDataSource database, BusinessClock clock)
{
    /// <summary>The role whose holders are the expert pool.</summary>
    public const string ExpertRole = "expert";

    internal async Task<PanelRow?> FindAsync(Guid panelId, CancellationToken cancellationToken) => await database.SingleAsync("""
        select p.id, p.case_id, c.service, c.applicant_id, c.employer_id, p.stage, p.stage_name, p.visit, p.revision, p.status, p.opened_at, p.due_at, p.closed_at,
            p.closed_by, p.secretary_role, p.organisation_id, p.nonce, p.rules::text, p.count_rule::text, p.draw::text, p.result::text, p.minutes, c.number,
            p.round, p.receipts, p.attempt, p.draw_parties::text,
            p.chair_role, p.supervisor_role, p.minutes_number, p.rounds::text
        from approvals.panels p join approvals.cases c on c.id = p.case_id where p.id = $1
        """, Read, cancellationToken, panelId);

    internal DateTimeOffset Now => clock.Now;

    /// <summary>What was asked and isn't confirmed: that the present round be voided.</summary>
    internal Task<PanelVoidAsked?> VoidAskedAsync(PanelRow panel, CancellationToken cancellationToken) => database.SingleAsync(
        "select id, round, reason, asked_by, asked_at from approvals.panel_voids where panel_id = $1 and round = $2 and confirmed_at is null",
        r => new PanelVoidAsked(r.GetGuid(0), r.GetInt16(1), r.GetString(2), r.GetString(3), r.GetFieldValue<DateTimeOffset>(4)), cancellationToken, panel.Id, panel.Round);

    internal Task<List<Guid>> OfCaseAsync(Guid caseId, CancellationToken cancellationToken) =>
        database.QueryAsync("select id from approvals.panels where case_id = $1 order by opened_at, id limit 100", r => r.GetGuid(0), cancellationToken, caseId);

    /// <summary>The pool as it is now, to be recorded for a draw.</summary>
    internal async Task<PoolRecord> ReadPoolAsync(PanelRow panel, CancellationToken cancellationToken) =>
        new(await SubjectAsync(panel, cancellationToken), [.. await PoolAsync(panel, cancellationToken)], panel.Rules);

    /// <summary>All experts with what recusal asks of them, and how often each has sat in the days that the rules look at.</summary>
    private Task<List<Expert>> PoolAsync(PanelRow panel, CancellationToken cancellationToken) => database.QueryAsync("""
        select u.id, u.fields, coalesce(u.organisation_id, ''), u.active, u.expert_from, u.expert_to, coalesce(load.panels, 0),
            array(select r.other_id from approvals.expert_relations r where r.declared_by = u.id and r.kind = 'kin' order by 1),
            array(select r.other_id from approvals.expert_relations r where r.declared_by = u.id and r.kind = 'co_author' order by 1)
        from approvals.users u
        left join (
            select s."expertId" as id, count(*)::integer as panels
            from approvals.panels p cross join lateral jsonb_to_recordset(p.draw -> 'seats') s("expertId" text)
            where p.opened_at >= $2 and p.status <> 4 and p.id <> $3 group by 1) load on load.id = u.id
        where exists (select from approvals.user_roles r where r.user_id = u.id and r.role = $1)
        order by u.id
        """, r => new Expert
        {
            Id = r.GetString(0),
            Fields = [.. r.GetFieldValue<string[]>(1)],
            EmployerId = r.GetString(2),
            Active = r.GetBoolean(3),
            From = r.IsDBNull(4) ? null : r.GetFieldValue<DateOnly>(4),
            To = r.IsDBNull(5) ? null : r.GetFieldValue<DateOnly>(5),
            Load = panel.Rules.MaxLoad is null ? 0 : r.GetInt32(6),
            KinIds = [.. r.GetFieldValue<string[]>(7)],
            CoAuthorIds = [.. r.GetFieldValue<string[]>(8)],
        }, cancellationToken, ExpertRole, panel.Rules.LoadDays is { } days ? clock.Now.AddDays(-days) : DateTimeOffset.MaxValue, panel.Id);

    /// <summary>Whom the panel is about, with what the applicant declared, and who had to stand aside in this case: by their own word, or by a challenge that was upheld.</summary>
    private async Task<PanelSubject> SubjectAsync(PanelRow panel, CancellationToken cancellationToken)
    {
        var declared = await database.QueryAsync("select other_id, kind from approvals.expert_relations where declared_by = $1",
            r => (Id: r.GetString(0), Kind: r.GetString(1)), cancellationToken, panel.ApplicantId);
        var employers = await database.QueryAsync("""
            select distinct u.organisation_id from approvals.users u where u.organisation_id is not null and u.id in (
                select r.other_id from approvals.expert_relations r where r.declared_by = $1 and r.kind = 'co_author'
                union all select r.declared_by from approvals.expert_relations r where r.other_id = $1 and r.kind = 'co_author')
            """, r => r.GetString(0), cancellationToken, panel.ApplicantId);
        var recused = await database.QueryAsync("""
            select b.expert_id from approvals.panels p join approvals.ballots b on b.panel_id = p.id where p.case_id = $1 and b.recusal is not null
            union select c.expert_id from approvals.panels p join approvals.panel_challenges c on c.panel_id = p.id where p.case_id = $1 and c.upheld
            """, r => r.GetString(0), cancellationToken, panel.CaseId);
        return new PanelSubject
        {
            RecusedIds = [.. recused],
            CoAuthorEmployerIds = [.. employers],
            On = ChinaTime.DateOf(clock.Now),
            ApplicantId = panel.ApplicantId,
            EmployerId = panel.EmployerId,
            KinIds = [.. declared.Where(d => d.Kind == "kin").Select(d => d.Id)],
            CoAuthorIds = [.. declared.Where(d => d.Kind == "co_author").Select(d => d.Id)],
        };
    }

    /// <summary>What the parties of the draw have done, oldest attempt first, with their nonces.</summary>
    internal async Task<ImmutableArray<DrawAttempt>> AttemptsAsync(PanelRow panel, CancellationToken cancellationToken)
    {
        var pledges = await database.QueryAsync("""
            select d.attempt, d.party, d.role, d.organisation_id, d.user_id, encode(d.commitment, 'hex'), d.committed_at, encode(d.nonce, 'hex'), d.revealed_at
            from approvals.draw_pledges d where d.panel_id = $1 order by d.attempt, d.party
            """, r => (Attempt: r.GetInt16(0), Pledge: new DrawPledge(r.GetInt16(1), r.GetString(2), r.Text(3), r.GetString(4), r.GetString(5), r.GetFieldValue<DateTimeOffset>(6), r.Text(7), r.Instant(8))),
            cancellationToken, panel.Id);
        var pools = await PoolsAsync(panel.Id, cancellationToken);
        return [.. pledges.GroupBy(p => p.Attempt).Select(g => (g.Key, Pool: pools.Find(p => p.Purpose == $"draw-{g.Key}"), Parties: g.Select(p => p.Pledge)))
            .Select(a => new DrawAttempt(a.Key, a.Pool?.Hash, a.Pool?.ReadAt, [.. a.Parties]))];
    }

    /// <summary>The pools that were read for the panel.</summary>
    internal Task<List<StoredPool>> PoolsAsync(Guid panelId, CancellationToken cancellationToken) => database.QueryAsync("select purpose, hash, record, read_at from approvals.panel_pools where panel_id = $1 order by read_at, purpose",
        r => new StoredPool(r.GetString(0), r.GetString(1), r.GetString(2), r.GetFieldValue<DateTimeOffset>(3)), cancellationToken, panelId);

    /// <summary>The stored ballots of a round. Only the count may read them, and only when the panel is closed to voting. Those that a release before sealing took come in clear.</summary>
    internal Task<List<StoredBallot>> BallotsAsync(Guid panelId, short round, CancellationToken cancellationToken) => database.QueryAsync("""
        select b.expert_id, b.sealed, b.vote, b.scores::text, b.comment from approvals.ballots b join approvals.panels p on p.id = b.panel_id
        where b.panel_id = $1 and b.round = $2 and num_nonnulls(b.vote, b.sealed) = 1 and p.status = 2 order by b.expert_id
        """, r => new StoredBallot(r.GetString(0), r.IsDBNull(1) ? null : r.GetFieldValue<byte[]>(1), r.IsDBNull(2) ? null : new BallotPaper(VoteWords.Find(r.GetString(2))!.Value,
            r.Text(3) is { } scores ? [.. PanelJson.Read<Dictionary<string, decimal>>(scores).Select(s => new CriterionScore(s.Key, s.Value))] : [], r.Text(4))), cancellationToken, panelId, round);

    /// <summary>Who has answered in the panel's round, and who stood aside in any; never what was voted.</summary>
    internal Task<List<PanelAnswer>> AnswersAsync(PanelRow panel, CancellationToken cancellationToken) =>
        database.QueryAsync("select expert_id, cast_at, recusal from approvals.ballots where panel_id = $1 and (round = $2 or recusal is not null) order by cast_at, expert_id",
            r => new PanelAnswer(r.GetString(0), r.GetFieldValue<DateTimeOffset>(1), r.Text(2)), cancellationToken, panel.Id, panel.Round);

    /// <summary>Whether a request with this key was this very ballot: not another's, nor another step of the case.</summary>
    internal async Task<bool> WasCastAsync(PanelRow panel, string expert, Idempotency idempotency, CancellationToken cancellationToken) => (await database.QueryAsync(
        "select 1 from engine.receipts where credential = $1 and key = $2 and instance_id = $3 and answer = $4", r => r.GetInt32(0), cancellationToken,
        idempotency.Credential, idempotency.Key, panel.CaseId, BallotCast.ReceiptOf(panel.BallotTask(expert)))).Count > 0;

    /// <summary>The open tasks of the panel's case that the caller may act on.</summary>
    internal async Task<HashSet<Guid>> ActionableAsync(PanelRow panel, Caller caller, CancellationToken cancellationToken) =>
        [.. (await Reviews.TaskReader.ActionableAsync(database, panel.CaseId, caller, cancellationToken)).Select(t => t.Id)];

    /// <summary>The panel's newest vacancy; null: it never had one.</summary>
    internal Task<PanelVacancy?> VacancyAsync(PanelRow panel, CancellationToken cancellationToken) => database.SingleAsync("""
        select t.id, t.status < 2 from approvals.tasks t
        where t.case_id = $1 and t.id between approvals.first_task($1) and approvals.last_task($1) and t.stage = $2 and t.kind = $3 and t.opened_at >= $4
        order by t.status < 2 desc, t.opened_at desc limit 1
        """, r => new PanelVacancy(r.GetGuid(0), r.GetBoolean(1)), cancellationToken, panel.CaseId, panel.Stage, Reviews.TaskKinds.PanelVacancy, panel.OpenedAt);

    internal Task<List<StoredChallenge>> ChallengesAsync(Guid panelId, CancellationToken cancellationToken) => database.QueryAsync("""
        select c.id, c.task_id, c.expert_id, c.filed_by, c.filed_at, c.reason, c.upheld, c.decided_by, c.decided_at, c.opinion, coalesce(t.status < 2, false)
        from approvals.panel_challenges c left join approvals.tasks t on t.id = c.task_id where c.panel_id = $1 order by c.filed_at, c.id
        """, r => new StoredChallenge(r.GetGuid(0), r.GetGuid(1), r.GetString(2), r.GetString(3), r.GetFieldValue<DateTimeOffset>(4), r.GetString(5), r.IsDBNull(6) ? null : r.GetBoolean(6), r.Text(7), r.Instant(8), r.Text(9), r.GetBoolean(10)),
        cancellationToken, panelId);

    internal Task<List<StoredInvitation>> InvitationsAsync(Guid panelId, CancellationToken cancellationToken) => database.QueryAsync("select expert_id, answered_at, accepted, statement from approvals.panel_invitations where panel_id = $1",
        r => new StoredInvitation(r.GetString(0), r.GetFieldValue<DateTimeOffset>(1), r.GetBoolean(2), r.GetString(3)), cancellationToken, panelId);

    /// <summary>Who has an invitation to answer.</summary>
    internal async Task<HashSet<string>> InvitedAsync(PanelRow panel, CancellationToken cancellationToken)
    {
        var invitations = (panel.Draw?.Seats ?? []).ToDictionary(s => panel.InvitationTask(s.ExpertId), s => s.ExpertId);
        return [.. (await database.QueryAsync("select id from approvals.tasks where id = any($1) and status < 2", r => r.GetGuid(0), cancellationToken, (object)invitations.Keys.ToArray())).Select(id => invitations[id])];
    }

    /// <summary>Who lost the ballot by not voting in time.</summary>
    internal async Task<IReadOnlyCollection<string>> AbsentAsync(PanelRow panel, CancellationToken cancellationToken)
    {
        string[] experts = panel.Draw is { } draw ? [.. draw.Seats.Select(s => s.ExpertId), .. draw.Out] : [];
        var ballots = experts.SelectMany(e => new[] { KeyValuePair.Create(panel.BallotTask(e), e), KeyValuePair.Create(panel.InvitationTask(e), e) }).ToDictionary();
        var lapsed = await database.QueryAsync("select id from approvals.tasks where id = any($1) and status = 4", r => r.GetGuid(0), cancellationToken, (object)ballots.Keys.ToArray());
        return [.. lapsed.Select(id => ballots[id]).Distinct(StringComparer.Ordinal)];
    }

    internal async Task<Dictionary<string, string>> NamesAsync(IEnumerable<string> users, CancellationToken cancellationToken) =>
        (await database.QueryAsync("select id, name from approvals.users where id = any($1)", r => (Id: r.GetString(0), Name: r.GetString(1)), cancellationToken, (object)users.Distinct(StringComparer.Ordinal).ToArray()))
        .ToDictionary(u => u.Id, u => u.Name, StringComparer.Ordinal);

    /// <summary>The roles of a user at an organisation; null: anywhere.</summary>
    internal async Task<HashSet<string>> RolesAsync(string user, string? organisationId, CancellationToken cancellationToken) => [.. await database.QueryAsync("""
        select distinct r.role from approvals.user_roles r join approvals.users u on u.id = r.user_id and u.active
        where r.user_id = $1 and ($2 is null or r.organisation_id = $2)
        """, r => r.GetString(0), cancellationToken, user, organisationId)];

    /// <summary>Whether the caller's user has a role at an organisation (null: anywhere), as far as the credential goes.</summary>
    internal async Task<bool> HoldsAsync(Caller caller, string role, string? organisationId, CancellationToken cancellationToken) => (await database.QueryAsync($"""
        select 1 from approvals.user_roles r join approvals.users u on u.id = r.user_id and u.active
        where r.user_id = $1 and r.role = $2 and ($3 is null or r.organisation_id = $3) and {KeyLimits.Office("$4", "$5")}
        """, r => r.GetInt32(0), cancellationToken, caller.User, role, organisationId, caller.Organisations.OrNull(), caller.Roles.OrNull())).Count > 0;

    /// <summary>Whether the caller's user has or had a seat, as far as the credential goes. Who stood aside has none.</summary>
    internal async Task<bool> SitsAsync(PanelRow panel, Caller caller, CancellationToken cancellationToken) => caller.User is { } user && (await database.QueryAsync($"""
        select 1 from approvals.tasks t where (t.id = $4 and (t.status in (0, 1, 4) or t.outcome = 'cast') or t.id = $5 and t.status < 2) and {KeyLimits.Task("$1", "$2", "$3")}
        """, r => r.GetInt32(0), cancellationToken, user, caller.Organisations.OrNull(), caller.Roles.OrNull(), panel.BallotTask(user), panel.InvitationTask(user))).Count > 0;

    private static PanelRow Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        CaseId = row.GetGuid(1),
        Service = row.GetString(2),
        ApplicantId = row.GetString(3),
        EmployerId = row.GetString(4),
        Stage = row.GetString(5),
        StageName = row.GetString(6),
        Visit = row.GetInt32(7),
        Revision = row.GetInt32(8),
        Status = (PanelStatus)row.GetInt16(9),
        OpenedAt = row.GetFieldValue<DateTimeOffset>(10),
        DueAt = row.Instant(11),
        ClosedAt = row.Instant(12),
        ClosedBy = row.Text(13),
        SecretaryRole = row.GetString(14),
        OrganisationId = row.Text(15),
        Nonce = row.GetFieldValue<byte[]>(16),
        Rules = PanelJson.Read<PanelRules>(row.GetString(17)),
        Count = PanelJson.Read<PanelCountRule>(row.GetString(18)),
        Draw = row.Text(19) is { } draw ? PanelJson.Read<PanelDraw>(draw) : null,
        Result = row.Text(20) is { } result ? PanelJson.Read<PanelCount>(result) : null,
        Minutes = row.Text(21),
        CaseNumber = row.Text(22),
        Round = row.GetInt16(23),
        Receipts = row.IsDBNull(24) ? null : row.GetFieldValue<string[]>(24),
        Attempt = row.GetInt16(25),
        ChairRole = row.Text(27),
        SupervisorRole = row.Text(28),
        MinutesNumber = row.Text(29),
        Rounds = [.. PanelJson.Read<PanelRound[]>(row.GetString(30))],
        Parties = row.Text(26) is { } parties ? [.. PanelJson.Read<DrawParty[]>(parties)] : [],
    };
}

/// <summary>One panel as its row says.</summary>
internal sealed record PanelRow
{
    public required Guid Id { get; init; }
    public required Guid CaseId { get; init; }
    public required string Service { get; init; }
    public required string ApplicantId { get; init; }
    public required string EmployerId { get; init; }
    public required string Stage { get; init; }
    public required string StageName { get; init; }
    public required int Visit { get; init; }
    public required int Revision { get; init; }
    public required PanelStatus Status { get; init; }
    public required DateTimeOffset OpenedAt { get; init; }
    public DateTimeOffset? DueAt { get; init; }
    public DateTimeOffset? ClosedAt { get; init; }
    public string? ClosedBy { get; init; }
    public required string SecretaryRole { get; init; }
    public string? OrganisationId { get; init; }
    public required byte[] Nonce { get; init; }
    public required PanelRules Rules { get; init; }
    public required PanelCountRule Count { get; init; }
    public PanelDraw? Draw { get; init; }
    public PanelCount? Result { get; init; }
    public string? Minutes { get; init; }
    public string? CaseNumber { get; init; }
    public required short Round { get; init; }
    public IReadOnlyList<string>? Receipts { get; init; }

    public string? ChairRole { get; init; }
    public string? SupervisorRole { get; init; }
    public string? MinutesNumber { get; init; }

    /// <summary>What the rounds before the present one came to.</summary>
    public required ImmutableArray<PanelRound> Rounds { get; init; }

    /// <summary>How often the two parties have begun.</summary>
    public required short Attempt { get; init; }

    /// <summary>Empty: the server alone commits.</summary>
    public required ImmutableArray<DrawParty> Parties { get; init; }

    /// <summary>The id of a party's task in the present attempt.</summary>
    public Guid PartyTask(string kind, int party) => DerivedId.For(CaseId, Stage, Visit, ExpertPanel.PartyPurpose(kind, Attempt, party));

    /// <summary>The id of an expert's ballot task, which is the id of the bookmark that the ballot resumes.</summary>
    public Guid BallotTask(string expert) => InRound($"ballot-{expert}");

    public Guid InvitationTask(string expert) => InRound($"invitation-{expert}");

    public Guid SecretaryTask => InRound("secretary");

    public Guid ChairTask => InRound("chair");

    /// <summary>The wait that a challenge resumes, when so many were filed before.</summary>
    public Guid ChallengeWait(int before) => InRound(ExpertPanel.ChallengePurpose(before + 1));

    private Guid InRound(string purpose) => DerivedId.For(CaseId, Stage, Visit, ExpertPanel.RoundPurpose(purpose, Round));

    /// <summary>The seed of a draw that the server alone committed to.</summary>
    public string Seed() => DrawSeed.OfServer(CaseId, Visit, Nonce);
}

/// <summary>The task that asks the secretary for more experts.</summary>
internal sealed record PanelVacancy(Guid TaskId, bool IsOpen);

/// <summary>What a round came to that was followed by another.</summary>
/// <param name="Result">Null, as receipts and minutes are: it was voided, see <paramref name="Voided"/>.</param>
public sealed record PanelRound(short Round, PanelCount? Result, IReadOnlyList<string>? Receipts, string? Minutes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PanelVoid? Voided = null);

/// <param name="IsOpen">False also when the panel has closed before it was decided.</param>
internal sealed record StoredChallenge(Guid Id, Guid TaskId, string ExpertId, string FiledBy, DateTimeOffset FiledAt, string Reason, bool? Upheld, string? DecidedBy, DateTimeOffset? DecidedAt, string? Opinion, bool IsOpen);

internal sealed record StoredInvitation(string ExpertId, DateTimeOffset AnsweredAt, bool Accepted, string Statement);

/// <summary>One of <see cref="Sealed"/> and <see cref="Clear"/>.</summary>
internal sealed record StoredBallot(string ExpertId, byte[]? Sealed, BallotPaper? Clear);

internal sealed record StoredPool(string Purpose, string Hash, string Record, DateTimeOffset ReadAt);

internal sealed record PanelAnswer(string ExpertId, DateTimeOffset At, string? Recusal);
