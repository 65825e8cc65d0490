using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;

namespace Talent.Workflows.Approvals.Filings.Sources;

/// <summary>Fields of a new draft that the applicant's profile fills in: <c>"prefill": "profile.general.gender"</c>. Pure.</summary>
internal static class Prefill
{
    /// <summary>Before the step of the profile and the field in it; <c>identity</c> has <c>name</c>, <c>residentId</c>, <c>phone</c> and <c>email</c>.</summary>
    public const string Prefix = "profile.";

    private static readonly OfferSource Source = new(ValueSources.Profile);

    public static bool Asks(Form form, int phase) => Fields(form, phase).Any();

    /// <summary>The fields of a phase that have such a path.</summary>
    public static IEnumerable<FormField> Fields(Form form, int phase) => form.Definition.Steps.Where(s => s.Phase == phase).SelectMany(s => s.Fields).Where(f => f.Prefill is not null);

    /// <summary>What the profile has for the fields of the first phase.</summary>
    public static IEnumerable<FieldOffer> Offers(Form form, ProfileContent profile) =>
        Fields(form, 1).Select(f => new FieldOffer(f, ValueAt(profile, f.Prefill!) ?? default, Source));

    /// <summary>What a profile has at a path such as <c>profile.general.gender</c>; null: nothing.</summary>
    public static JsonElement? ValueAt(ProfileContent profile, string path) => path.Split('.') is [_, var step, var field]
        && FormData.Find(step == "identity" ? profile.Identity : profile.Steps.TryGetValue(step, out var data) ? data : null, field) is { } value && !FormData.IsEmpty(value) ? value : null;
}
