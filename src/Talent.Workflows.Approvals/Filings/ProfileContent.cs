using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Profiles;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>A profile in full: who it is, and the fields of its steps.</summary>
internal sealed record ProfileContent(JsonElement Identity, IReadOnlyDictionary<string, JsonElement> Steps)
{
    private static readonly (string Key, string Zh, string En)[] IdentityFields = [("name", "姓名", "Name"), ("residentId", "身份证号码", "Identity number"), ("phone", "手机号码", "Mobile number"), ("email", "电子邮箱", "E-mail")];

    /// <summary>Fields of the identity that are shown masked.</summary>
    public static readonly IReadOnlyList<string> MaskedIdentity = ["residentId", "phone", "email"];

    public static ProfileContent Of(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement.Clone();
        return new ProfileContent(root.GetProperty("identity"), root.GetProperty("steps").EnumerateObject().ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal));
    }

    /// <summary>The same with numbers and addresses masked.</summary>
    public ProfileContent Masked(ProfileForm form) => new(
        JsonSerializer.SerializeToElement(new
        {
            name = Text("name"),
            residentId = Text("residentId") is { } id ? Masking.ResidentId(id, MaskingProfile.Officer) : null,
            phone = Text("phone") is { } phone ? Masking.Phone(phone, MaskingProfile.Officer) : null,
            email = Text("email") is { } email ? Masking.Email(email, MaskingProfile.Officer) : null,
        }),
        Steps.ToDictionary(s => s.Key, s => MaskedData.Of(form.Form, s.Value), StringComparer.Ordinal));

    /// <summary>What is shown in clear to others who may see the person, such as a handler of their employer: fields that <see cref="Masked"/> masks are left out.</summary>
    public ProfileContent InClear(ProfileForm form) => new(
        JsonSerializer.SerializeToElement(new { name = Text("name") }), Steps.ToDictionary(s => s.Key, s => MaskedData.Without(form.Form, s.Value), StringComparer.Ordinal));

    /// <summary>What experts see who judge without knowing whom: no identity, no personal field, no name in a text.</summary>
    public ProfileContent Blind(ProfileForm form, IEnumerable<string?> names) => new(
        JsonSerializer.SerializeToElement(new { }), Steps.ToDictionary(s => s.Key, s => BlindData.Of(form.Form, s.Value, names), StringComparer.Ordinal));

    /// <summary>The fields that <see cref="Masked"/> masks and that have a value, such as <c>residentId</c>.</summary>
    public IReadOnlyList<string> MaskedFields(ProfileForm form) =>
        [.. MaskedIdentity.Where(f => Text(f) is not null), .. Steps.Values.SelectMany(s => MaskedData.FieldsOf(form.Form, s)).Distinct(StringComparer.Ordinal)];

    /// <summary>Field by field what differs, masked, in the order of the form; null stands for no profile.</summary>
    public static IReadOnlyList<ProfileChange> Changes(ProfileForm form, ProfileContent? before, ProfileContent? after)
    {
        var (maskedBefore, maskedAfter) = (before?.Masked(form), after?.Masked(form));
        var changes = new List<ProfileChange>();
        foreach (var (key, zh, en) in IdentityFields)
            Compare("identity", key, zh, en, c => c.Identity);
        foreach (var step in form.Steps)
            foreach (var field in step.Fields)
                Compare(step.Key, field.Key, field.Zh, field.En, c => c.Steps.TryGetValue(step.Key, out var data) ? data : null);
        return changes;

        void Compare(string step, string field, string zh, string en, Func<ProfileContent, JsonElement?> within)
        {
            JsonElement? Value(ProfileContent? content) => content is not null && FormData.Find(within(content), field) is { } value && !FormData.IsEmpty(value) ? value : null;
            var (old, now) = (Value(before), Value(after));
            if (old is null && now is null || old is { } o && now is { } n && JsonElement.DeepEquals(o, n))
                return;
            changes.Add(new ProfileChange(step, field, zh, en, Value(maskedBefore), Value(maskedAfter)));
        }
    }

    private string? Text(string field) => FormData.Text(FormData.Find(Identity, field));
}
