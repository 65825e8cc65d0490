using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Filings.Sources;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>
/// The name and identity number of the applicant that a form says, against those that were verified (实名). The fields are those that <c>prefill</c>
/// takes from there. Pure; errors name fields, never values.
/// </summary>
/// <remarks>Source: R-ACC-2; docs/adr/0039.</remarks>
internal static class OwnIdentity
{
    private const string Name = "name", Number = "residentId";

    public static bool IsIn(Form form) => Fields(form).Any();

    /// <param name="verified">The profile of who is verified.</param>
    /// <param name="data">The form of the first phase as it is handed in.</param>
    /// <param name="filed">As it was handed in before: what stays as it was isn't asked about again, because a correction may have no right to change it. Undefined: never.</param>
    public static IEnumerable<FormError> Differences(Form form, ProfileContent verified, JsonElement data, JsonElement filed, DateOnly today)
    {
        foreach (var (field, part) in Fields(form))
            if (FormData.Text(FormData.Find(data, field.Key)) is { } said && said != FormData.Text(FormData.Find(filed, field.Key))
                && FormData.Text(FormData.Find(verified.Identity, part)) is { } known && Differs(part, said, known, today))
                yield return new FormError(field.Key, FormErrorCodes.NotVerifiedIdentity, $"“{field.Zh}”与申报人本人实名信息不一致，请核对", $"{field.En} isn't what the applicant's identity was verified with");
    }

    // Empty and impossible values are told by the form itself.
    private static bool Differs(string part, string said, string known, DateOnly today) => part == Name
        ? NameGrams.Fold(said) is { Length: > 0 } name && name != NameGrams.Fold(known)
        : ResidentId.TryParse(said, today, out var id, out _) && id.Value != known;

    private static IEnumerable<(FormField Field, string Part)> Fields(Form form) =>
        from field in Prefill.Fields(form, 1) let part = field.Prefill!.Split('.') where part is [_, "identity", Name or Number] select (field, part[2]);
}
