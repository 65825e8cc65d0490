using Npgsql;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>Reads rows of engine.instances.</summary>
internal static class InstanceReader
{
    public const string Columns = "id, definition_id, definition_version_id, version, chain_hash, created_at, updated_at, finished_at, state";
    public const string Select = $"select {Columns} from engine.instances";

    public static InstanceRecord Read(NpgsqlDataReader reader, int first = 0)
    {
        var state = reader.GetFieldValue<byte[]>(first + 8);
        return new InstanceRecord
        {
            Id = reader.GetGuid(first),
            DefinitionId = reader.GetString(first + 1),
            DefinitionVersionId = reader.GetString(first + 2),
            Version = reader.GetInt64(first + 3),
            ChainHash = reader.IsDBNull(first + 4) ? null : reader.GetFieldValue<byte[]>(first + 4),
            CreatedAt = reader.GetFieldValue<DateTimeOffset>(first + 5),
            UpdatedAt = reader.GetFieldValue<DateTimeOffset>(first + 6),
            FinishedAt = reader.IsDBNull(first + 7) ? null : reader.GetFieldValue<DateTimeOffset>(first + 7),
            State = StateSerializer.Read(state),
            Size = state.Length,
        };
    }
}
