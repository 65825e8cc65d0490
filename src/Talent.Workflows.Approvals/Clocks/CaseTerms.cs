using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>What a service said of its time when a case was filed, and when that was: an input of the case's workflow.</summary>
public sealed record CaseTerms(DateTimeOffset FiledAt, DeadlineRule? Total, ServiceClock Clock)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static JsonElement Input(ServiceDefinition service, DateTimeOffset filedAt) =>
        JsonSerializer.SerializeToElement(new CaseTerms(filedAt.ToUniversalTime(), service.TotalLimit, service.Clock), Json);

    // A step asks for them at every turn, and inputs never change once they are given.
    private static readonly ConditionalWeakTable<Dictionary<string, JsonElement>, CaseTerms> Known = [];

    /// <summary>Null: a workflow that isn't a case, or one that was filed before there were terms.</summary>
    public static CaseTerms? Of(WorkflowState state) =>
        state.Input.TryGetValue(CaseFacts.Clock, out var terms) && terms.ValueKind == JsonValueKind.Object
            ? Known.GetValue(state.Input, static input => input[CaseFacts.Clock].Deserialize<CaseTerms>(Json)!) : null;

    /// <summary>The calendar that counts where the case is.</summary>
    public static WorkCalendar Calendar(WorkflowState state, WorkCalendar country) => country.For(state.Input(CaseFacts.Region));

    /// <summary>The instant from which a case that wasn't returned counts as accepted; null: there is no such rule.</summary>
    public DateTimeOffset? AcceptedFrom(WorkCalendar calendar) =>
        Clock.Corrections?.ToldWithin is { } within ? Deadline.Compute(within, FiledAt, calendar).DueAt : null;
}
