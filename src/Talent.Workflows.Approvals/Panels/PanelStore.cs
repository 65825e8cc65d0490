using System.Buffers.Binary;
using System.Security.Cryptography;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>Reads panels, the expert pool, and — for the count alone — ballots.</summary>
public sealed class PanelStore(NpgsqlDataSource database)
{
    /// <summary>The role whose holders are the expert pool.</summary>
    public const string ExpertRole = "expert";

    internal async Task<PanelRow?> FindAsync(Guid panelId, CancellationToken cancellationToken) => await database.SingleAsync("""
        select p.id, p.case_id, c.service, c.applicant_id, c.employer_id, p.stage, p.stage_name, p.visit, p.revision, p.status, p.opened_at, p.due_at, p.closed_at,
            p.closed_by, p.secretary_role, p.organisation_id, p.nonce, p.rules::text, p.count_rule::text, p.draw::text, p.result::text, p.minutes, c.number
        from approvals.panels p join approvals.cases c on c.id = p.case_id where p.id = $1
        """, Read, cancellationToken, panelId);

    internal Task<List<Guid>> OfCaseAsync(Guid caseId, CancellationToken cancellationToken) =>
        database.QueryAsync("select id from approvals.panels where case_id = $1 order by opened_at, id limit 100", r => r.GetGuid(0), cancellationToken, caseId);

    /// <summary>All experts with what recusal asks of them.</summary>
    internal Task<List<Expert>> PoolAsync(CancellationToken cancellationToken) => database.QueryAsync("""
        select u.id, u.fields, u.organisation_id, u.active,
            array(select r.other_id from approvals.expert_relations r where r.declared_by = u.id and r.kind = 'kin' order by 1),
            array(select r.other_id from approvals.expert_relations r where r.declared_by = u.id and r.kind = 'co_author' order by 1)
        from approvals.users u
        where exists (select from approvals.user_roles r where r.user_id = u.id and r.role = $1)
        order by u.id
        """, r => new Expert
        {
            Id = r.GetString(0),
            Fields = [.. r.GetFieldValue<string[]>(1)],
            EmployerId = r.GetString(2),
            Active = r.GetBoolean(3),
            KinIds = [.. r.GetFieldValue<string[]>(4)],
            CoAuthorIds = [.. r.GetFieldValue<string[]>(5)],
        }, cancellationToken, ExpertRole);

    /// <summary>Whom the panel is about, with what the applicant declared.</summary>
    internal async Task<PanelSubject> SubjectAsync(PanelRow panel, CancellationToken cancellationToken)
    {
        var declared = await database.QueryAsync("select other_id, kind from approvals.expert_relations where declared_by = $1",
            r => (Id: r.GetString(0), Kind: r.GetString(1)), cancellationToken, panel.ApplicantId);
        return new PanelSubject
        {
            ApplicantId = panel.ApplicantId,
            EmployerId = panel.EmployerId,
            KinIds = [.. declared.Where(d => d.Kind == "kin").Select(d => d.Id)],
            CoAuthorIds = [.. declared.Where(d => d.Kind == "co_author").Select(d => d.Id)],
        };
    }

    /// <summary>The stored ballots. Only the count may read them, and only when the panel is closed to voting.</summary>
    internal Task<List<Ballot>> BallotsAsync(Guid panelId, CancellationToken cancellationToken) => database.QueryAsync("""
        select b.expert_id, b.vote from approvals.ballots b join approvals.panels p on p.id = b.panel_id
        where b.panel_id = $1 and b.vote is not null and p.status >= 2 order by b.expert_id
        """, r => new Ballot(r.GetString(0), VoteWords.Find(r.GetString(1))!.Value), cancellationToken, panelId);

    /// <summary>Who has answered, and who stood aside; never what was voted.</summary>
    internal Task<List<PanelAnswer>> AnswersAsync(Guid panelId, CancellationToken cancellationToken) =>
        database.QueryAsync("select expert_id, cast_at, recusal from approvals.ballots where panel_id = $1 order by cast_at, expert_id",
            r => new PanelAnswer(r.GetString(0), r.GetFieldValue<DateTimeOffset>(1), r.Text(2)), cancellationToken, panelId);

    /// <summary>The panel's newest vacancy; null: it never had one.</summary>
    internal Task<PanelVacancy?> VacancyAsync(PanelRow panel, CancellationToken cancellationToken) => database.SingleAsync("""
        select t.id, t.status < 2 from approvals.tasks t
        where t.case_id = $1 and t.id between approvals.first_task($1) and approvals.last_task($1) and t.stage = $2 and t.kind = $3 and t.opened_at >= $4
        order by t.status < 2 desc, t.opened_at desc limit 1
        """, r => new PanelVacancy(r.GetGuid(0), r.GetBoolean(1)), cancellationToken, panel.CaseId, panel.Stage, Reviews.TaskKinds.PanelVacancy, panel.OpenedAt);

    /// <summary>Who lost the ballot by not voting in time.</summary>
    internal async Task<IReadOnlyCollection<string>> AbsentAsync(PanelRow panel, CancellationToken cancellationToken)
    {
        string[] experts = panel.Draw is { } draw ? [.. draw.Seats.Select(s => s.ExpertId), .. draw.Out] : [];
        var ballots = experts.ToDictionary(panel.BallotTask);
        var lapsed = await database.QueryAsync("select id from approvals.tasks where id = any($1) and status = 4", r => r.GetGuid(0), cancellationToken, (object)ballots.Keys.ToArray());
        return [.. lapsed.Select(id => ballots[id])];
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
        select 1 from approvals.tasks t where t.id = $4 and (t.status <> 2 or t.outcome = 'cast') and {KeyLimits.Task("$1", "$2", "$3")}
        """, r => r.GetInt32(0), cancellationToken, user, caller.Organisations.OrNull(), caller.Roles.OrNull(), panel.BallotTask(user))).Count > 0;

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

    /// <summary>The id of an expert's ballot task, which is the id of the bookmark that the ballot resumes.</summary>
    public Guid BallotTask(string expert) => DerivedId.For(CaseId, Stage, Visit, $"ballot-{expert}");

    public Guid SecretaryTask => DerivedId.For(CaseId, Stage, Visit, "secretary");

    /// <summary>
    /// The seed in hex: SHA-256 of the case's id (16 bytes, as written), the visit (4 bytes, big-endian) and the nonce
    /// (32 bytes) that was committed before the pool was read.
    /// </summary>
    public string Seed()
    {
        Span<byte> bytes = stackalloc byte[20 + Nonce.Length];
        CaseId.TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(bytes[16..], Visit);
        Nonce.CopyTo(bytes[20..]);
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }
}

/// <summary>The task that asks the secretary for more experts.</summary>
internal sealed record PanelVacancy(Guid TaskId, bool IsOpen);

internal sealed record PanelAnswer(string ExpertId, DateTimeOffset At, string? Recusal);
