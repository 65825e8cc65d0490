namespace Talent.Workflows.Runtime.Storage;

/// <summary>The parameters of one part in the step that is about to run, in the order of <see cref="StepPart.Parameters"/>.</summary>
public readonly struct StepParameters
{
    private readonly StepValues values;
    private readonly int first;
    private readonly int count;
    private readonly int firstSection;
    private readonly int sections;

    internal StepParameters(StepValues values, int first, int count, int firstSection, int sections)
    {
        this.values = values;
        this.first = first;
        this.count = count;
        this.firstSection = firstSection;
        this.sections = sections;
    }

    /// <summary>Sets a parameter; null is SQL NULL.</summary>
    public object? this[int index]
    {
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)count);
            values.All[first + index] = value ?? DBNull.Value;
        }
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
