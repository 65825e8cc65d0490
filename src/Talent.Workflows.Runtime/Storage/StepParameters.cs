using Npgsql;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>The parameters of one part in the command that is about to run, in the order of <see cref="StepPart.Parameters"/>.</summary>
public readonly struct StepParameters
{
    private readonly NpgsqlParameterCollection all;
    private readonly int first;
    private readonly int count;

    internal StepParameters(NpgsqlParameterCollection all, int first, int count)
    {
        this.all = all;
        this.first = first;
        this.count = count;
    }

    /// <summary>Sets a parameter; null is SQL NULL.</summary>
    public object? this[int index]
    {
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)count);
            all[first + index].Value = value ?? DBNull.Value;
        }
    }
}
