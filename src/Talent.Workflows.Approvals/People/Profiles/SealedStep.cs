using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.PersonalData;

namespace Talent.Workflows.Approvals.People.Profiles;

/// <summary>A step of a profile as its row holds it: what isn't personal as JSON, and the personal fields as one sealed JSON object.</summary>
/// <param name="Data">JSON object.</param>
/// <param name="Sealed">Null: no personal field has a value.</param>
internal sealed record SealedStep(string Data, byte[]? Sealed)
{
    /// <summary>Takes a step's data apart.</summary>
    public static SealedStep Of(SealedTable table, ProfileForm form, KeyRing ring, Guid profile, string step, JsonElement data)
    {
        var (open, personal) = (new JsonObject(), new JsonObject());
        foreach (var field in data.EnumerateObject())
            (form.IsPersonal(field.Name) ? personal : open)[field.Name] = JsonNode.Parse(field.Value.GetRawText());
        return new SealedStep(open.ToJsonString(), personal.Count == 0 ? null : ring.Seal(JsonSerializer.SerializeToUtf8Bytes(personal), table.At("sealed", profile, step)));
    }

    /// <summary>Puts it together again.</summary>
    /// <exception cref="SealedValueException">The row was changed outside the product.</exception>
    public JsonElement Open(SealedTable table, KeyRing ring, Guid profile, string step)
    {
        var data = JsonNode.Parse(Data)!.AsObject();
        if (Sealed is not null)
            foreach (var (name, value) in JsonNode.Parse(ring.OpenBytes(Sealed, table.At("sealed", profile, step)))!.AsObject())
                data[name] = value?.DeepClone();
        return JsonSerializer.SerializeToElement(data);
    }
}
