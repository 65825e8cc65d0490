using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Catalogue;

/// <summary>Who files for whom.</summary>
/// <param name="User">The acting user.</param>
/// <param name="As">Null: as a handler where they are one, else for themselves.</param>
/// <param name="Applicant">Null: themselves, or not named yet.</param>
/// <param name="Employer">Null: the applicant's own, or the first that the user is a handler of.</param>
/// <param name="Handles">Which employers the user may be a handler of, by what the key is limited to.</param>
internal sealed record FilingParties(string User, Filer? As, string? Applicant, string? Employer, Func<string, bool> Handles);

/// <summary>Reads all that decides who may file what, at one instant.</summary>
public sealed class FilingFactsReader(NpgsqlDataSource database, PersonReader people, IEmployerGaps employers, BusinessClock clock)
{
    /// <summary>Rounds that are read at most: no installation has as many to come.</summary>
    private const int MostRounds = 1000;

    // $1 is the user, $2 the applicant, $3 an employer that was named.
    private const string Employers = """
        (select a.employer_id from approvals.associations a where a.user_id = $2 and a.ended_at is null
            union all select r.organisation_id from approvals.user_roles r where r.user_id = $1 and r.role = 'employer.handler'
            union all select $3::text where $3::text is not null)
        """;

    internal async Task<FilingSnapshot> ReadAsync(FilingParties parties, IReadOnlyCollection<ServiceDefinition> services, CancellationToken cancellationToken)
    {
        var (now, about) = (clock.Now, parties.Applicant ?? parties.User);
        var snapshot = new Snapshot(database);
        var handled = snapshot.Add("select r.organisation_id from approvals.user_roles r where r.user_id = $1 and r.role = 'employer.handler' order by r.organisation_id", r => r.GetString(0), parties.User);
        var associated = snapshot.Add("select a.employer_id from approvals.associations a where a.user_id = $1 and a.ended_at is null", r => r.GetString(0), about);
        var placed = snapshot.Add("select u.organisation_id from approvals.users u where u.id = $1", r => r.Text(0), about);
        var certified = snapshot.Add($"""
            select c.employer_id from approvals.certifications c where c.ended_at is null and c.employer_id in {Employers}
            union all select null from approvals.people p where p.user_id = $1 and p.verified_at is not null
            """, r => r.Text(0), parties.User, about, parties.Employer);
        var permitted = snapshot.Add($"select p.employer_id, p.service from approvals.permissions p where p.closed_at is null and p.employer_id in {Employers}",
            r => (Employer: r.GetString(0), Service: r.GetString(1)), parties.User, about, parties.Employer);
        var bars = snapshot.Add($"select {Bar} from approvals.filing_bars b where not b.lifted and (b.until_at is null or b.until_at > $4) and (b.user_id = $2 or b.employer_id in {Employers}) order by b.from_at, b.id",
            ReadBar, parties.User, about, parties.Employer, now);
        var rounds = snapshot.Add($"{Rounds} limit {MostRounds}", ReadRound, now);
        var closures = snapshot.Add(Closures, ReadClosure, now);
        var published = snapshot.Add("select d.definition_id from engine.definitions d where d.is_published and d.definition_id = any($1)", r => r.GetString(0), (object)services.Select(s => s.Id).ToArray());
        var cases = snapshot.Add($"""
            select c.id, c.number, c.service, c.applicant_id, c.employer_id from approvals.cases c
            where c.ended_at is null and c.status <> 'draft' and (c.applicant_id = $2 or c.service = any($4) and c.employer_id in {Employers}) order by c.id
            """, r => new OpenCase(r.GetGuid(0), r.Text(1), r.GetString(2), r.Text(3), r.GetString(4)),
            parties.User, about, parties.Employer, services.Where(FilingRules.IsOfEmployer).SelectMany(s => s.Conditions.Excludes.Append(s.Id)).Distinct(StringComparer.Ordinal).ToArray());
        var turns = snapshot.Add("select t.subject, max(t.turn) from approvals.filing_turns t where t.subject = any($1) group by t.subject",
            r => (Subject: r.GetString(0), Turn: r.GetInt32(1)), (object)(string[])[FilingGate.Person(about), .. parties.Employer is { } named ? [FilingGate.Employer(named)] : Array.Empty<string>()]);
        await snapshot.ReadAsync(cancellationToken);

        var joined = associated is [var one] ? one : null;
        var filer = parties.As ?? (handled.Any(parties.Handles) ? Filer.Employer : Filer.Person);
        var employer = parties.Employer ?? (filer == Filer.Person ? joined : handled.FirstOrDefault(parties.Handles));
        var applicant = filer == Filer.Person ? about : parties.Applicant;
        // Of somebody who isn't theirs to file for, nothing is read that they wouldn't be told.
        var stranger = filer == Filer.Employer && (employer is null || joined != employer);
        var gaps = applicant is not null && !stranger && services.Any(s => s.Conditions.Person.Contains(ServiceConditions.Profile, StringComparer.Ordinal)) ? people.GapsAsync(applicant, cancellationToken) : None;
        var lacks = employer is not null && services.Any(s => s.Conditions.Employer.Contains(ServiceConditions.Profile, StringComparer.Ordinal)) ? employers.GapsAsync(employer, cancellationToken) : None;
        return new FilingSnapshot(new FilingFacts
        {
            Now = now,
            Filer = filer,
            Applicant = applicant is null ? null : new ApplicantFacts(applicant, joined, await gaps) { OrganisationId = placed is [var place] ? place : null },
            Employer = employer is null ? null : new EmployerFacts(employer, certified.Contains(employer), await lacks,
                permitted.Where(p => p.Employer == employer).Select(p => p.Service).ToHashSet(StringComparer.Ordinal)),
            TalentCertified = certified.Contains(null),
            Rounds = rounds,
            Bars = bars,
            Cases = cases,
            Closures = closures,
            Published = published.ToHashSet(StringComparer.Ordinal),
        }, turns.ToDictionary(t => t.Subject, t => t.Turn, StringComparer.Ordinal), [.. handled.Where(parties.Handles)]);
    }

    private static Task<IReadOnlyList<ProfileGap>> None { get; } = Task.FromResult<IReadOnlyList<ProfileGap>>([]);

    internal const string Bar = "b.id, b.user_id, b.employer_id, b.services, b.from_at, b.until_at, b.document_number, b.document_title";

    internal static FilingBar ReadBar(NpgsqlDataReader r) =>
        new(r.GetGuid(0), r.Text(1), r.Text(2), r.IsDBNull(3) ? null : r.GetFieldValue<string[]>(3), r.GetFieldValue<DateTimeOffset>(4), r.Instant(5), r.GetString(6), r.GetString(7));

    /// <summary>Those that aren't over at $1.</summary>
    internal const string Rounds = "select d.id, d.series, d.year, d.name_zh, d.name_en, d.opens_at, d.closes_at from approvals.filing_rounds d where not d.cancelled and d.closes_at > $1 order by d.opens_at, d.id";

    internal static FilingRound ReadRound(NpgsqlDataReader r) =>
        new(r.GetString(0), r.GetString(1), r.GetInt16(2), r.GetString(3), r.GetString(4), r.GetFieldValue<DateTimeOffset>(5), r.GetFieldValue<DateTimeOffset>(6));

    /// <summary>Those that hold at $1.</summary>
    internal const string Closures = "select l.service, l.zh, l.en, l.until_at from approvals.service_closures l where l.closed and (l.until_at is null or l.until_at > $1)";

    internal static ServiceClosure ReadClosure(NpgsqlDataReader r) => new(r.GetString(0), r.GetString(1), r.GetString(2), r.Instant(3));
}

/// <param name="Turns">How many submissions were counted, by subject.</param>
/// <param name="Handled">The employers that the user is a handler of.</param>
internal sealed record FilingSnapshot(FilingFacts Facts, IReadOnlyDictionary<string, int> Turns, IReadOnlyList<string> Handled);
