using System.Collections.Frozen;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>The parameters of one part in the step that is about to run.</summary>
public readonly struct StepParameters
{
    private readonly StepValues values;
    private readonly FrozenDictionary<string, int> places;
    private readonly int firstSection;
    private readonly int sections;

    internal StepParameters(StepValues values, FrozenDictionary<string, int> places, int firstSection, int sections)
    {
        this.values = values;
        this.places = places;
        this.firstSection = firstSection;
        this.sections = sections;
    }

    /// <summary>Sets a parameter of <see cref="StepPart.Parameters"/> by the name that it has in the SQL; null is SQL NULL.</summary>
    /// <exception cref="ArgumentException">The part declares no such parameter.</exception>
    public object? this[string name]
    {
        set => values.All[places.TryGetValue(name, out var place) ? place : throw new ArgumentException($"The part sets @{name}, which it doesn't declare.", nameof(name))] = value ?? DBNull.Value;
    }

    /// <summary>Leaves a section out of this step: it has nothing to write and nothing to check. Its own parameters may stay unset.</summary>
    /// <param name="section">Its place in <see cref="StepPart.Sections"/>.</param>
    public void Skip(int section)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)section, (uint)sections);
        values.Skipped |= UInt128.One << (firstSection + section);
    }

    /// <summary>Leaves a section out unless the condition holds.</summary>
    public void SkipUnless(bool condition, int section)
    {
        if (!condition)
            Skip(section);
    }
}
