using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.People;

/// <summary>
/// Whom a caller may see, as SQL: whoever holds an office at the bureau sees everybody; at an employer, its people; at a responsible
/// unit, those of its employers too; and everybody sees themselves. A key that names no user sees the people of its organisations.
/// $1 is the user, $2 the organisations and $3 the roles that the key is limited to; a person is the row <c>p</c>.
/// </summary>
internal static class PersonReach
{
    /// <summary>The role whose holders may see numbers in full, of those whom they reach from where they hold it.</summary>
    public const string RevealRole = "people.reveal";

    /// <summary>What an officer holds.</summary>
    public const string AnyOffice = "r.role not in ('applicant', 'expert')";

    public const string Reveals = $"r.role = '{RevealRole}'";

    /// <summary>Common table expressions for <see cref="Sees"/>.</summary>
    /// <param name="office">Which of the user's roles count.</param>
    public static string With(string office) => $"""
        with offices as materialized (
            select r.organisation_id, o.kind from approvals.user_roles r join approvals.organisations o on o.id = r.organisation_id
            where r.user_id = $1 and {office} and {KeyLimits.Office("$2", "$3")}),
        reach as materialized (
            select $1::text is null and $2::text[] is null and $3::text[] is null or exists (select from offices where kind = 'bureau') as everybody,
                array(select organisation_id from offices
                    union select s.employer_id from offices f join approvals.responsibilities s on s.unit_id = f.organisation_id
                    union select key.id from unnest($2::text[]) key(id) where $1::text is null and $3::text[] is null) as organisations)
        """;

    /// <summary>In a right of the user's offices.</summary>
    public const string Sees = """
        ((select everybody from reach) or exists (select from approvals.users u where u.id = p.user_id and u.organisation_id = any((select organisations from reach)::text[])))
        """;

    /// <summary>It is the user's own.</summary>
    public const string Own = """
        (p.user_id = $1 and ($3::text[] is null or 'applicant' = any($3))
            and ($2::text[] is null or exists (select from approvals.users u where u.id = p.user_id and u.organisation_id = any($2))))
        """;
}
