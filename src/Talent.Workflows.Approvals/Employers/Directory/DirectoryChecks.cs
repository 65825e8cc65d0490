using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Employers.Directory;

/// <summary>What a directory must hold beyond its shape.</summary>
internal static partial class DirectoryChecks
{
    public static List<ContentError> Errors(DirectoryDefinition directory, string file)
    {
        List<ContentError> errors = [];
        void Want(bool holds, string path, string message)
        {
            if (!holds)
            {
                errors.Add(new ContentError(file, path, message));
            }
        }

        Dictionary<string, Organisation> known = new(StringComparer.Ordinal);
        foreach (Organisation o in directory.Organisations)
        {
            Want(known.TryAdd(o.Id, o), $"organisations[{o.Id}]", "the id stands twice; give each organisation its own");
        }

        foreach (Organisation o in directory.Organisations)
        {
            string at = $"organisations[{o.Id}]";
            Want(Id().IsMatch(o.Id), at, "an id is lower-case letters, digits and hyphens, at most 60");
            Want(Region().IsMatch(o.Region), at, "region is a code of six digits");
            Want(o.Uscc is null || Uscc().IsMatch(o.Uscc), at, "uscc is a 统一社会信用代码 of 18 digits and capital letters");
            Want(o.Uscc is null || !Uscc().IsMatch(o.Uscc) || UnifiedSocialCreditCode.TryParse(o.Uscc, out _, out _), at, $"uscc {o.Uscc} isn't valid: its check character doesn't fit, or it has a letter that these codes don't use; compare it with the licence");
            Want(o.Parent is null || known.ContainsKey(o.Parent), at, $"the parent '{o.Parent}' isn't in organisations");
            Want(o.Kind is OrganisationKind.Bureau || ReachesBureau(o, known), at, "the parents don't lead to a bureau: one is missing, or they run in a circle");
            Want(o.Kind is not OrganisationKind.Bureau || !Circles(o, known), at, "the parents run in a circle");
            Want(o.ResponsibleFor.Count == 0 || o.Kind is OrganisationKind.ResponsibleUnit, at, "responsibleFor belongs to a responsible unit (归口单位)");
            foreach (string employer in o.ResponsibleFor)
            {
                Want(known.TryGetValue(employer, out Organisation? e) && e.Kind is OrganisationKind.Employer, at, $"responsibleFor names '{employer}', which is no employer of the file");
            }
        }

        ILookup<string, string> responsible = directory.Organisations.SelectMany(o => o.ResponsibleFor).ToLookup(id => id, StringComparer.Ordinal);
        foreach (Organisation employer in directory.Organisations.Where(o => o.Kind is OrganisationKind.Employer))
        {
            int units = responsible[employer.Id].Count();
            Want(units == 1, $"organisations[{employer.Id}]", $"{units} responsible units name this employer; exactly one must");
        }

        HashSet<string> users = new(StringComparer.Ordinal);
        foreach (DirectoryUser u in directory.Users)
        {
            string at = $"users[{u.Id}]";
            Want(users.Add(u.Id), at, "the id stands twice; give each user their own");
            Want(Id().IsMatch(u.Id), at, "an id is lower-case letters, digits and hyphens, at most 60");
            Want(u.Name.Trim().Length > 0, at, "the name is empty");
            Want(known.ContainsKey(u.Organisation), at, $"the organisation '{u.Organisation}' isn't in organisations");
            Want(u.Roles.Count > 0 && u.Roles.All(r => Role().IsMatch(r)), at, "roles names at least one role such as employer.reviewer");
            Want(u.RolesElsewhere.All(r => Role().IsMatch(r.Role)), at, "rolesElsewhere names roles such as bureau.reviewer");
            Want(u.RolesElsewhere.All(r => r.Organisation != u.Organisation && known.ContainsKey(r.Organisation)), at, "rolesElsewhere names other organisations of organisations");
            Want(Phone().IsMatch(u.Phone), at, "phone is a mobile number of 11 digits");
            Want(Email().IsMatch(u.Email), at, "email isn't an address");
            Want(!(u.TermFrom > u.TermTo), at, "the term ends before it begins");
            Want(!u.Roles.Contains("expert") || u.Fields is { Count: > 0 }, at, "an expert needs at least one field");
        }

        return errors;
    }

    private static bool ReachesBureau(Organisation from, Dictionary<string, Organisation> known)
    {
        Organisation? at = from;
        for (int steps = 0; at is not null && steps <= known.Count; steps++)
        {
            if (at.Kind is OrganisationKind.Bureau)
            {
                return true;
            }

            at = at.Parent is null ? null : known.GetValueOrDefault(at.Parent);
        }

        return false;
    }

    private static bool Circles(Organisation from, Dictionary<string, Organisation> known)
    {
        Organisation? at = from;
        for (int steps = 0; at is not null; steps++)
        {
            if (steps > known.Count)
            {
                return true;
            }

            at = at.Parent is null ? null : known.GetValueOrDefault(at.Parent);
        }

        return false;
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,59}\z")]
    private static partial Regex Id();

    [GeneratedRegex(@"\A[0-9]{6}\z")]
    private static partial Regex Region();

    [GeneratedRegex(@"\A[0-9A-HJ-NPQRTUWXY]{18}\z")]
    private static partial Regex Uscc();

    [GeneratedRegex(@"\A[a-z]+(?:[.-][a-z]+)*\z")]
    private static partial Regex Role();

    [GeneratedRegex(@"\A1[3-9][0-9]{9}\z")]
    private static partial Regex Phone();

    [GeneratedRegex(@"\A[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\z")]
    private static partial Regex Email();
}
