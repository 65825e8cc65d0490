using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Reviews.Correcting;

/// <summary>What is wrong with what a reviewer asks to be corrected. Pure.</summary>
/// <param name="phase">Of the stage: what isn't filled in yet can't be corrected.</param>
/// <param name="stage">What its people don't see they can't name.</param>
internal sealed class CorrectionCheck(ServicePackage package, int phase, string stage)
{
    /// <summary>Whether a row is named, so that the data has to say whether it is there.</summary>
    public static bool NamesRows(IEnumerable<Correction> items) => items.Any(i => i.Field is { } path && FieldPath.Parse(path) is { Row: not null });

    /// <param name="data">Of the phase; null: whether rows are there isn't asked.</param>
    /// <returns>The errors; paths are those of the request.</returns>
    public IReadOnlyList<FormError> Of(IReadOnlyList<Correction> items, JsonElement? data)
    {
        if (items.Count > Corrections.Most)
            return [new FormError("corrections", FormErrorCodes.TooManyRows, $"补正内容最多{Corrections.Most}项", $"At most {Corrections.Most} corrections are asked for at once")];
        var errors = new List<FormError>();
        for (var i = 0; i < items.Count; i++)
            if (Of($"corrections[{i}]", items[i], data) is { } error)
                errors.Add(error);
        if (items.OfType<Correction>().GroupBy(i => (i.Field, i.Material)).FirstOrDefault(g => g.Count() > 1) is { } twice)
            errors.Add(new FormError("corrections", FormErrorCodes.DuplicateField, $"“{twice.Key.Field ?? twice.Key.Material}”重复", $"'{twice.Key.Field ?? twice.Key.Material}' stands twice"));
        return errors;
    }

    private FormError? Of(string at, Correction? item, JsonElement? data)
    {
        if (item is null || item.Field is null == item.Material is null)
            return new FormError(at, FormErrorCodes.Required, "请填写 field 或 material 其中之一", "Name a field or a material, one of them");
        if (item.Field is { } text)
        {
            if (FieldPath.Parse(text) is not { } path || !Knows(path))
                return new FormError($"{at}.field", FormErrorCodes.UnknownField, "表单中没有该字段，或该字段尚未填写", "The form has no such field, or it isn't filled in yet");
            if (path.Row is { } row && data is { } filled && row >= FormDifferences.Rows(FormData.Find(filled, path.Top)))
                return new FormError($"{at}.field", FormErrorCodes.UnknownField, $"“{new FieldPath(path.Top).Label(package.Form).Zh}”没有第{row + 1}条；如需增加，请填写 {path.Top}", $"There is no row {row + 1}; to have one added, name {path.Top}");
        }
        else if (package.Materials.Slot(item.Material!) is not { } slot || slot.Material.Phase != phase)
            return new FormError($"{at}.material", FormErrorCodes.UnknownField, "材料清单中没有该项材料，或尚未提交", "There is no such material, or it isn't handed in yet");
        return string.IsNullOrWhiteSpace(item.Note) || item.Note.Length > Corrections.LongestNote || item.Note.Contains('\0')
            ? new FormError($"{at}.note", FormErrorCodes.TooLong, $"请说明需要补正的内容，1至{Corrections.LongestNote}字", $"Say what to correct, in 1 to {Corrections.LongestNote} characters")
            : null;
    }

    private bool Knows(FieldPath path) => package.Form.Field(path.Top) is { } field && package.Form.PhaseOf(field.Key) == phase && field.HiddenFrom?.Contains(stage) != true
        && (path.Row is null || field.Type == FieldType.Group) && (path.Inner is null || field.Fields!.Any(f => f.Key == path.Inner));
}
