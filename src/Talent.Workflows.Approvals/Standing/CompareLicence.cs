using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Standing;

/// <summary>
/// Talent.CompareLicence: compares what the handler confirmed with what was read on the licence and with what the directory says of
/// the employer. Leaves by <c>Agrees</c> when all three are the same, else by <c>Differs</c>: then somebody has to look at it.
/// </summary>
/// <remarks>Source: R-EMP-2, S5. Done after the commit like a question to another office, because neither name nor code may enter the workflow.</remarks>
public sealed class CompareLicence : OutsideActivity
{
    public const string TypeName = "Talent.CompareLicence";
    public const string Agrees = "Agrees", Differs = "Differs";

    private static readonly Input<string> NameFrom = new("nameFrom", "单位名称来源 Name from", "data.字段，经办人核对后的单位名称。") { Default = "data.unitName" };
    private static readonly Input<string> CodeFrom = new("codeFrom", "代码来源 Code from", "data.字段，经办人核对后的统一社会信用代码。") { Default = "data.creditCode" };

    public override ActivityDescriptor Descriptor { get; } = new(TypeName, "Talent", "执照比对 Compare Licence", "比对经办人确认的名称和代码、营业执照识别结果与单位名录，三者一致方可自动通过。Compares what was confirmed, read and known of the employer.")
        { Inputs = [NameFrom, CodeFrom], Outcomes = [Agrees, Differs], Waits = true };

    protected override string Work => LicenceComparison.WorkKind;

    protected override Worded Service { get; } = new("directory", "单位名录比对", "comparison with the directory");

    protected override IReadOnlyDictionary<string, string> Sources(ActivityContext context) =>
        new Dictionary<string, string> { [LicenceComparison.Name] = context.Get(NameFrom)!, [LicenceComparison.Code] = context.Get(CodeFrom)! };
}

/// <summary>Compares for <see cref="CompareLicence"/>.</summary>
public sealed class LicenceComparison(LicenceRecognitions recognitions, WorkflowRuntime runtime, NpgsqlDataSource database, CaseVault vault) : OutsideCalls(runtime, database, vault)
{
    public const string WorkKind = KindPrefix + "licence-comparison";

    internal const string Name = "name", Code = "code";

    private readonly NpgsqlDataSource database = database;

    public override string Kind => WorkKind;

    protected override async Task<OutsideAnswer<OutsideOutcome>?> AskAsync(Guid caseId, string id, IReadOnlyDictionary<string, string?> values, CancellationToken cancellationToken)
    {
        var known = await database.SingleAsync("""
            select o.name_zh, o.uscc, exists (select from approvals.organisations other where other.uscc = o.uscc and other.id <> o.id and other.active)
            from approvals.cases c join approvals.organisations o on o.id = c.employer_id where c.id = $1
            """, r => new { Name = r.Text(0), Code = r.Text(1), Shared = r.GetBoolean(2) }, cancellationToken, caseId);
        var agrees = known is { Shared: false } && await recognitions.FindAsync(caseId, cancellationToken) is { Fault: null } read
            && AllSame(NameOf, values[Name], read.UnitName, known.Name) && AllSame(CodeOf, values[Code], read.CreditCode, known.Code);
        return new OutsideAnswer<OutsideOutcome>.Answered(new OutsideOutcome(agrees ? CompareLicence.Agrees : CompareLicence.Differs));
    }

    private static bool AllSame(Func<string?, string?> form, params string?[] texts) => form(texts[0]) is { } first && Array.TrueForAll(texts, t => form(t) == first);

    /// <summary>Without spaces, and brackets of either width alike.</summary>
    private static string? NameOf(string? text) =>
        text is null || string.Concat(TypedText.Narrow(text).Where(c => !char.IsWhiteSpace(c))) is not { Length: > 0 } name ? null : name;

    private static string? CodeOf(string? text) => UnifiedSocialCreditCode.TryParse(text, out var code, out _) ? code.Value : null;
}
