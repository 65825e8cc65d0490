using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Why;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Integrations.Outside;

/// <summary>
/// An activity that has a service of another office asked after the commit, and waits for what it says. The workflow names where the
/// case has what the service needs; the values themselves go from the case's tables to the service, and of the answer only the
/// outcome comes back. While the service can't be reached the case waits, <c>why</c> says so, and it goes on by itself.
/// </summary>
public abstract class OutsideActivity : Activity
{
    /// <summary>Kind of the bookmark.</summary>
    public const string BookmarkKind = "Outside";

    private const string AskedAt = "askedAt";
    private const string Question = "question";

    /// <summary>Kind of the outbox rows: the <see cref="OutsideCalls"/> that asks.</summary>
    protected abstract string Work { get; }

    /// <summary>What the service is called, to people.</summary>
    protected abstract Worded Service { get; }

    /// <summary>Where the case has what the service needs: name of the value → source of <see cref="CaseValues"/>.</summary>
    protected abstract IReadOnlyDictionary<string, string> Sources(ActivityContext context);

    protected override void Execute(ActivityContext context)
    {
        var sources = Sources(context);
        if (sources.Values.FirstOrDefault(s => !CaseValues.Knows(s)) is { } unknown)
            throw new WorkflowException(ErrorCodes.InvalidInput, $"Activity '{context.Node.Id}' takes a value from '{unknown}'. Use one of {CaseValues.Sources}.", $"活动“{context.Node.DisplayText}”的数据来源“{unknown}”无效。");
        var wait = context.Wait(BookmarkKind, Work, purpose: "outside");
        context.SetData(AskedAt, JsonSerializer.SerializeToElement(context.Now));
        context.Emit(new OutsideEffect(context.NewId(Question), wait.Id, Work, sources));
    }

    protected override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload) => context.Complete(OutsideOutcome.Read(payload).Outcome);

    protected override void Explain(ActivityContext context)
    {
        if (context.GetData(AskedAt) is { ValueKind: JsonValueKind.String } asked)
            context.Emit(new ExplainedOutside(context.Node.Id, context.Node.DisplayText, context.NewId(Question), Service, asked.GetDateTimeOffset()));
    }
}

/// <summary>What a service said, as the outcome that the activity leaves by. Never personal data: it becomes part of the workflow's state.</summary>
public sealed record OutsideOutcome(string Outcome)
{
    internal JsonElement Write() => JsonSerializer.SerializeToElement(this, JsonSerializerOptions.Web);

    internal static OutsideOutcome Read(JsonElement payload) => payload.Deserialize<OutsideOutcome>(JsonSerializerOptions.Web) ?? throw new InvalidOperationException("An outside answer has no outcome.");
}

/// <summary>A question to a service, asked after the commit.</summary>
/// <param name="ReportTo">The bookmark that waits for the answer.</param>
/// <param name="Work">Kind of the outbox row.</param>
public sealed record OutsideEffect(Guid Id, Guid ReportTo, string Work, IReadOnlyDictionary<string, string> Sources) : Effect(Id);

/// <summary>What an outbox row of a question holds: where to report, and where the values are. None of the values.</summary>
internal sealed record OutsideOrder(Guid ReportTo, IReadOnlyDictionary<string, string> Sources);

/// <summary>Puts questions to outside services into the outbox of the step.</summary>
public sealed class OutsidePart : StepPart
{
    public override string Name => "outside";
    public override IReadOnlyList<StepParameter> Parameters => [];

    public override void Bind(StepWrite step, StepParameters values)
    {
        foreach (var effect in step.Effects)
            if (effect is OutsideEffect ask)
                step.Outbox.Add(ask.Id, ask.Work, JsonSerializer.SerializeToUtf8Bytes(new OutsideOrder(ask.ReportTo, ask.Sources), JsonSerializerOptions.Web));
    }
}
