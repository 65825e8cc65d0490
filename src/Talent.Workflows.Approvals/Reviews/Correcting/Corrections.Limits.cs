using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Materials;

namespace Talent.Workflows.Approvals.Reviews.Correcting;

/// <summary>What a correction lets the applicant change, where it names all that they may.</summary>
internal sealed partial record Corrections
{
    /// <summary>Places that would be changed and aren't asked for. What is named may be changed with all that lies in it; a row comes or goes only where its group is named.</summary>
    public IEnumerable<FormError> Unasked(ServicePackage package, JsonElement before, JsonElement after)
    {
        if (!Only || after.ValueKind != JsonValueKind.Object)
            return [];
        var named = Named(package.Materials);
        return FormDifferences.Of(package.Form, before, after).Where(d => package.Form.Field(d.Path.Top)!.FilledFrom is null && !named.Exists(n => d.IsRow ? n == new FieldPath(d.Path.Top) : n.Covers(d.Path)))
            // A group that is left out as a whole is said once.
            .Select(d => NotAsked(package.Form, d.IsRow, d.IsRow && FormData.Find(after, d.Path.Top) is null ? new FieldPath(d.Path.Top) : d.Path)).DistinctBy(e => e.Path);
    }

    /// <summary>Whether the materials of a slot may be changed: it is named, or the file field that names its files is, in one of the rows at least.</summary>
    public bool Allows(MaterialSlot slot) =>
        !Only || Items.Any(i => i.Material == slot.Key) || (FieldOf(slot) is { } field && Fields.Any(n => n.Top == field.Top && (n.Inner is null || n.Inner == field.Inner)));

    private IEnumerable<FieldPath> Fields => Items.Select(i => i.Field is null ? null : FieldPath.Parse(i.Field)).OfType<FieldPath>();

    // A material that is named takes the fields with it that name its files.
    private List<FieldPath> Named(MaterialList materials) =>
        [.. Fields, .. Items.Select(i => i.Material is not null && materials.Slot(i.Material) is { } slot ? FieldOf(slot) : null).OfType<FieldPath>()];

    private static FieldPath? FieldOf(MaterialSlot slot) => slot.Field is not { } field ? null : slot.Group is { } group ? new FieldPath(group, null, field) : new FieldPath(field);

    private static FormError NotAsked(Form form, bool ofRows, FieldPath path)
    {
        var (zh, en) = path.Label(form);
        return ofRows
            ? new FormError(path.ToString(), FormErrorCodes.NotAsked, $"“{zh}”不在本次补正内容之内，不能增加或删除", $"{en} isn't among what has to be corrected: rows can't be added or removed")
            : new FormError(path.ToString(), FormErrorCodes.NotAsked, $"“{zh}”不在本次补正内容之内，不能修改", $"{en} isn't among what has to be corrected, and can't be changed");
    }
}
