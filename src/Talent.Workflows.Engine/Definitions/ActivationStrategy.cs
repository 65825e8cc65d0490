using System.Text.Json;

namespace Talent.Workflows.Engine.Definitions;

/// <summary>When a definition may be started. Elsa names a .NET type for it.</summary>
public enum ActivationStrategy
{
    /// <summary>Always.</summary>
    Always,

    /// <summary>While no instance of the definition runs.</summary>
    Singleton,

    /// <summary>While no instance of the definition runs with the same correlation id.</summary>
    CorrelatedSingleton,

    /// <summary>While no instance of any definition runs with the same correlation id; without one, always.</summary>
    Correlation,
}

/// <summary>The names that definitions use for activation strategies.</summary>
public static class ActivationStrategies
{
    /// <summary>The strategy of a definition; false when it names one that doesn't exist here, which then counts as <c>Always</c>.</summary>
    public static bool TryRead(JsonElement document, out ActivationStrategy strategy)
    {
        strategy = ActivationStrategy.Always;
        if (!document.TryGetProperty("options", out var options) || options.ValueKind != JsonValueKind.Object)
            return true;
        // Elsa has had them in more than one namespace.
        var name = DefinitionReader.Text(options, "activationStrategyType").Split(',')[0].Trim().Split('.')[^1];
        ActivationStrategy? known = name switch
        {
            "" or "AllowAlwaysStrategy" => ActivationStrategy.Always,
            "SingletonStrategy" => ActivationStrategy.Singleton,
            "CorrelatedSingletonStrategy" => ActivationStrategy.CorrelatedSingleton,
            "CorrelationStrategy" => ActivationStrategy.Correlation,
            _ => null,
        };
        strategy = known ?? ActivationStrategy.Always;
        return known is not null;
    }
}
