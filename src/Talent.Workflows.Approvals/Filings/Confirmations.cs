using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Materials;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>Something that has to be confirmed once for a filing before it is handed in. Who confirmed which text when stands in the audit.</summary>
/// <param name="Key">Such as <c>classified</c>.</param>
/// <param name="Zh">The text, in Chinese.</param>
/// <param name="En">The same in English.</param>
internal sealed record Confirmation(string Key, string Zh, string En)
{
    /// <summary>Of the text in both languages: who confirmed another text hasn't confirmed this one.</summary>
    public string TextSha256 { get; } = Digest.Of($"{Zh}\n{En}");

    public GivenConfirmation? Given(FilingRecord record) => record.Confirmations.FirstOrDefault(c => c.Key == Key && c.TextSha256 == TextSha256);

    public bool IsGiven(FilingRecord record) => Given(record) is not null;

    /// <summary>What is said where many cases are handed in at once, and it isn't confirmed for them.</summary>
    public FormError Unconfirmed => new($"confirmations.{Key}", FormErrorCodes.MustConfirm, "请先阅读并确认涉密提示，再提交（confirmed 中填写 classified）", "the warning of classified material has to be confirmed first: name it in 'confirmed'");

    public FormError Error(Guid caseId) => new($"confirmations.{Key}", FormErrorCodes.MustConfirm,
        $"请先阅读并确认涉密提示，再提交（POST /api/v1/cases/{caseId}/confirmations/{Key}）", $"the warning of classified material has to be confirmed first (POST /api/v1/cases/{caseId}/confirmations/{Key})");
}

/// <summary>What a service has confirmed.</summary>
internal static class Confirmations
{
    /// <summary>涉密: nothing classified is among the materials (R-CASE-4).</summary>
    public const string Classified = "classified";

    public static IReadOnlyList<Confirmation> Of(MaterialList list) =>
        list.Requirements.ConfirmWarning ? [new Confirmation(Classified, list.Requirements.WarningZh, list.Requirements.WarningEn)] : [];
}
