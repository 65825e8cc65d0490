using System.Text.Json;

namespace Talent.Workflows.Engine.Definitions;

/// <summary>What an incident does to the rest of its instance. Elsa names a .NET type for it.</summary>
public enum IncidentStrategy
{
    /// <summary>The definition names none: as <see cref="Continue"/>, but the instance is shown as faulted as long as the incident is open.</summary>
    None,

    /// <summary>Other branches go on, and the instance counts as suspended.</summary>
    Continue,

    /// <summary>Nothing goes on until the incident is retried or the instance is moved or cancelled: signals are refused, timers held.</summary>
    Fault,
}

/// <summary>The names that definitions use for incident strategies.</summary>
public static class IncidentStrategies
{
    private const string Prefix = "Elsa.Workflows.IncidentStrategies.";

    /// <summary>Elsa's names, as its server lists them.</summary>
    public static IReadOnlyDictionary<IncidentStrategy, string> TypeNames { get; } = new Dictionary<IncidentStrategy, string>
    {
        [IncidentStrategy.Continue] = Prefix + "ContinueWithIncidentsStrategy, Elsa.Workflows.Core",
        [IncidentStrategy.Fault] = Prefix + "FaultStrategy, Elsa.Workflows.Core",
    };

    /// <summary>The strategy of a definition; false when it names one that doesn't exist here, which then counts as none.</summary>
    public static bool TryRead(JsonElement document, out IncidentStrategy strategy)
    {
        strategy = IncidentStrategy.None;
        if (!document.TryGetProperty("options", out var options) || options.ValueKind != JsonValueKind.Object)
            return true;
        var name = DefinitionReader.Text(options, "incidentStrategyType").Split(',')[0].Trim();
        foreach (var (known, typeName) in TypeNames)
            if (typeName.Split(',')[0] == name)
                strategy = known;
        return name.Length == 0 || strategy != IncidentStrategy.None;
    }
}
