using System.Text.Json;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People.Profiles;

namespace Talent.Workflows.Approvals.Employers.Profiles;

/// <summary>How far the employer's library is with one material of its profile.</summary>
/// <param name="Material">The file that counts, the best there is; null: none of that name, kind and size.</param>
public sealed record EmployerMaterial(MaterialRequirement Requirement, MaterialView? Material)
{
    public EmployerMaterialState State => Material switch
    {
        null => EmployerMaterialState.Missing,
        { Usable: true } => EmployerMaterialState.There,
        { Scan: "found" } => EmployerMaterialState.Found,
        _ => EmployerMaterialState.Unscanned,
    };
}

public enum EmployerMaterialState
{
    /// <summary>未上传</summary>
    Missing,

    /// <summary>待安全检查: nobody knows yet whether it is clean.</summary>
    Unscanned,

    /// <summary>未通过安全检查</summary>
    Found,

    /// <summary>已上传</summary>
    There,
}

/// <summary>What an employer's completeness is computed from, as one instant has it.</summary>
internal sealed record EmployerFacts
{
    /// <summary>As the directory has it; null: it has none.</summary>
    public required string? Uscc { get; init; }

    /// <summary>Whether anybody handles its matters.</summary>
    public required bool HasHandler { get; init; }

    /// <summary>Whether each of them can be told by telephone.</summary>
    public required bool HandlersHavePhones { get; init; }

    /// <summary>The data of the steps that were saved, by step.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Saved { get; init; }

    /// <summary>What the library has for each material of the form, by key, whether it is asked for or not.</summary>
    public required IReadOnlyDictionary<string, MaterialView> Materials { get; init; }
}

/// <summary>Codes of gaps that no form error says.</summary>
public static class EmployerGapCodes
{
    /// <summary>The employer has filled in nothing yet.</summary>
    public const string NoProfile = "no_profile";

    public const string NoUscc = "no_uscc";
    public const string NoHandler = "no_handler";
    public const string NoHandlerPhone = "no_handler_phone";

    /// <summary>The library has no such material, or none of a kind and size that is taken.</summary>
    public const string MaterialMissing = "material_missing";

    /// <summary>It wasn't scanned yet.</summary>
    public const string MaterialUnscanned = "material_unscanned";

    /// <summary>The scan has found something in it.</summary>
    public const string MaterialFound = "material_found";
}

/// <summary>完善单位信息: what an employer's profile lacks, computed from what is there. Pure.</summary>
/// <remarks>Source: R-EMP-1, R-EMP-2.</remarks>
internal static class EmployerGaps
{
    /// <param name="today">The business date in Asia/Shanghai: a certificate that has run out is a gap.</param>
    /// <returns>How far the steps are, with all gaps, those of the library among them; and the materials that the profile asks for.</returns>
    public static (ProfileProgress Progress, IReadOnlyList<EmployerMaterial> Materials) Of(EmployerForm form, EmployerFacts facts, DateOnly today)
    {
        var progress = ProfileProgress.Of(form.Profile, [.. Directory(facts)], facts.Saved, today);
        var asked = form.Materials.Applying(ProfileProgress.Data(facts.Saved), phase: 1).Select(r => new EmployerMaterial(r, facts.Materials.GetValueOrDefault(r.Key))).ToArray();
        var missing = asked.Where(m => m.Requirement.Required).Select(Gap).OfType<ProfileGap>().ToArray();
        var state = missing.Length == 0 && asked.Length > 0 ? StepState.Complete : asked.Any(m => m.Material is not null) ? StepState.Partial : StepState.Empty;
        return (progress with { Gaps = [.. progress.Gaps, .. missing], Steps = [.. progress.Steps, new StepProgress(EmployerForm.MaterialsStep, state)] }, asked);
    }

    private static IEnumerable<ProfileGap> Directory(EmployerFacts facts)
    {
        if (facts.Uscc is null)
            yield return new ProfileGap(EmployerForm.DirectoryStep, "uscc", EmployerGapCodes.NoUscc, "单位没有统一社会信用代码，请先完成单位认证", "The employer has no unified social credit code: have it certified");
        else if (!UnifiedSocialCreditCode.TryParse(facts.Uscc, out _, out var fault))
            yield return new ProfileGap(EmployerForm.DirectoryStep, "uscc", fault.Code, fault.Zh, fault.En);
        if (!facts.HasHandler)
            yield return new ProfileGap(EmployerForm.DirectoryStep, "handler", EmployerGapCodes.NoHandler, "单位没有业务经办人，请归口单位或市局指定", "Nobody handles the employer's matters: its unit or the bureau names somebody");
        else if (!facts.HandlersHavePhones)
            yield return new ProfileGap(EmployerForm.DirectoryStep, "handler.phone", EmployerGapCodes.NoHandlerPhone, "请登记业务经办人的手机号码", "Register the handler's mobile number");
    }

    private static ProfileGap? Gap(EmployerMaterial material)
    {
        var (key, zh, en) = (material.Requirement.Key, material.Requirement.Zh, material.Requirement.En);
        return material.State switch
        {
            EmployerMaterialState.Missing => new(EmployerForm.MaterialsStep, key, EmployerGapCodes.MaterialMissing, $"单位附件中没有“{zh}”，请上传", $"The employer's library has no '{en}': upload it, named {zh}"),
            EmployerMaterialState.Unscanned => new(EmployerForm.MaterialsStep, key, EmployerGapCodes.MaterialUnscanned, $"“{zh}”正在进行安全检查，请稍后", $"'{en}' is being scanned; wait a moment"),
            EmployerMaterialState.Found => new(EmployerForm.MaterialsStep, key, EmployerGapCodes.MaterialFound, $"“{zh}”未通过安全检查，请重新上传", $"The scan has found something in '{en}': upload another file"),
            _ => null,
        };
    }
}
