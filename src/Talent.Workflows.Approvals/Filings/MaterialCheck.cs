using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Filings.Sources;
using Talent.Workflows.Approvals.Materials;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>Codes of what is wrong with a case's materials, beside those of its form.</summary>
public static class MaterialErrorCodes
{
    public const string Missing = "material_missing";

    /// <summary>A file field names what isn't in the case: it was taken out, it is somebody else's, or it never was.</summary>
    public const string NotInCase = "material_not_in_case";

    public const string TooMany = "material_too_many";
    public const string WrongKind = "material_kind";
    public const string TooLarge = "material_size";
    public const string Unscanned = "material_unscanned";

    /// <summary>The virus scan found something.</summary>
    public const string Found = "material_found";
}

/// <summary>Whether a case's materials can be handed in. Pure (R-CASE-3, R-CASE-4).</summary>
internal static class MaterialCheck
{
    /// <param name="phase">Slots of this phase; what was handed in before was reviewed then.</param>
    /// <param name="data">The whole form.</param>
    /// <param name="there">What is in the case.</param>
    /// <param name="sources">Where the form's values came from: shared data waives materials.</param>
    /// <param name="scans">Whether only what is scanned goes through.</param>
    /// <returns>Every error in the order of the list; paths are those of the form for file fields, else <c>materials.&lt;slot&gt;</c>.</returns>
    public static IReadOnlyList<FormError> Of(MaterialList list, int phase, JsonElement data, IReadOnlyCollection<FiledMaterial> there, SourceMap sources, bool scans)
    {
        var errors = new List<FormError>();
        foreach (var slot in list.Slots.Where(s => s.Material.Phase == phase && s.Applies(data)))
        {
            var asked = slot.Material;
            var references = slot.References(data).ToArray();
            var files = there.Where(m => m.Slot == slot.Key && (slot.Field is null || references.Any(r => r.Material == m.Id))).ToArray();
            foreach (var reference in references.Where(r => files.All(f => f.Id != r.Material)))
                errors.Add(new FormError(reference.Path, MaterialErrorCodes.NotInCase, $"“{asked.Zh}”所指的附件不在本业务的材料中，请从附件库重新选择或上传", $"{asked.En} names a file that isn't among the case's materials; choose or upload it again"));
            var path = $"materials.{slot.Key}";
            if (asked.Required && slot.Field is null && files.Length == 0 && list.WaivedAt(slot, data, sources) is null)
                errors.Add(new FormError(path, MaterialErrorCodes.Missing, $"缺少材料“{asked.Zh}”", $"{asked.En} is missing"));
            if (asked.Required && slot.Group is not null)
                errors.AddRange(RowsWithout(list, slot, data));
            if (slot.Field is null && files.Length > asked.MaxFiles)
                errors.Add(new FormError(path, MaterialErrorCodes.TooMany, $"“{asked.Zh}”最多{asked.MaxFiles}个文件", $"{asked.En} takes at most {asked.MaxFiles} files"));
            foreach (var file in files)
                if (Flaw(asked, file.File, scans) is (var code, var zh, var en))
                    errors.Add(new FormError(references.FirstOrDefault(r => r.Material == file.Id)?.Path ?? path, code, $"“{asked.Zh}”（{file.File.Name}）{zh}", $"{asked.En} {en}"));
        }
        return errors;
    }

    /// <summary>Whether anything in the case asks for the material: its slot applies and, where fields name files, one names it.</summary>
    public static bool IsAskedFor(MaterialList list, JsonElement data, CaseMaterial material) =>
        list.Slot(material.Slot) is { } slot && slot.Applies(data)
            && (slot.Field is null || slot.References(data).Any(r => r.Material == material.Id && (r.Row is not { } row || slot.RowsAsked(data).Contains(row))));

    /// <summary>What is wrong with a file for what is asked; null: nothing.</summary>
    private static (string Code, string Zh, string En)? Flaw(MaterialRequirement asked, LibraryFile file, bool scans) =>
        file.Scan == "found" ? (MaterialErrorCodes.Found, "未通过病毒扫描，请更换", "didn't pass the virus scan; replace it")
        : !asked.AllowedTypes.Contains(file.Kind) ? (MaterialErrorCodes.WrongKind, $"格式应为{string.Join("、", asked.AllowedTypes)}", $"must be {string.Join(", ", asked.AllowedTypes)}")
        : file.Size > asked.MaxMegabytes * (1L << 20) ? (MaterialErrorCodes.TooLarge, $"不能超过{asked.MaxMegabytes}MB", $"may have at most {asked.MaxMegabytes.ToString(CultureInfo.InvariantCulture)} MiB")
        : scans && file.Scan != "clean" ? (MaterialErrorCodes.Unscanned, "尚未完成病毒扫描，请稍后再提交", "hasn't been scanned for viruses yet; hand in again in a moment")
        : null;

    // A row's empty file field is the form's error where the form requires it.
    private static IEnumerable<FormError> RowsWithout(MaterialList list, MaterialSlot slot, JsonElement data)
    {
        if (slot.Material.Key.StartsWith("form.", StringComparison.Ordinal))
            yield break;
        var named = slot.References(data).Select(r => r.Row).ToHashSet();
        foreach (var row in slot.RowsAsked(data).Where(row => !named.Contains(row)))
        {
            var (zh, en) = list.MissingFrom(slot, row, data);
            yield return new FormError($"{slot.Group}[{row}].{slot.Field}", MaterialErrorCodes.Missing, zh, en);
        }
    }
}
