using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Letters;

/// <summary>Talent.IssueLetter: issues a letter of the service's <c>letters.json</c>: numbered, dated by the step, frozen.</summary>
/// <remarks>Source: R-DOC-1. Letters with an <c>on</c> are issued without it.</remarks>
public sealed class IssueLetter : Activity
{
    public const string TypeName = "Talent.IssueLetter";

    /// <summary>The input that names the kind.</summary>
    internal const string KindInput = "letter";

    private static readonly Input<string> Kind = new(KindInput, "文书 Letter", "letters.json 中的文书种类。A kind of letters.json, such as acceptance.") { Required = true, UiHint = "dropdown", ChoicesFrom = "letters" };
    private static readonly Input<bool> Corrects = new("corrects", "更正 Corrects", "更正并取代本业务上一份同类文书；没有上一份的，照常出具。Replaces the case's last letter of this kind.");

    public override ActivityDescriptor Descriptor { get; } = new(TypeName, "Talent", "出具文书 Issue Letter", "按模板出具有编号、可打印、不可更改的文书。Issues a numbered letter by template, which is never changed.") { Inputs = [Kind, Corrects] };

    protected override void Execute(ActivityContext context)
    {
        context.Emit(new IssueLetterEffect(context.NewId("letter"), context.Get(Kind)!, context.Get(Corrects)));
        context.Complete();
    }
}

/// <summary>Issues a letter, whose id is the effect's. What it says is put together after the commit, from what the case said at this step.</summary>
/// <param name="Kind">A kind of the service's <c>letters.json</c>.</param>
/// <param name="Corrects">It replaces the case's last letter of the kind.</param>
public sealed record IssueLetterEffect(Guid Id, string Kind, bool Corrects) : Effect(Id);
