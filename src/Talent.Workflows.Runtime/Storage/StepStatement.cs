using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>The two statements of a step, one for a new instance and one for an existing, composed of all parts at start-up.</summary>
internal sealed partial class StepStatement
{
    /// <summary>Gate of a start: the version was not retracted since it was looked up.</summary>
    public const string PublishedGate = "definition_published";

    private static readonly StepParameter[] Own =
    [
        new("instance", NpgsqlDbType.Uuid),
        new("version", NpgsqlDbType.Bigint),
        new("now", NpgsqlDbType.TimestampTz),
        new("machine_now", NpgsqlDbType.TimestampTz),
        new("definition_id", NpgsqlDbType.Text),
        new("definition_version_id", NpgsqlDbType.Text),
        new("status", NpgsqlDbType.Smallint),
        new("sub_status", NpgsqlDbType.Smallint),
        new("incidents", NpgsqlDbType.Integer),
        new("correlation", NpgsqlDbType.Text),
        new("name", NpgsqlDbType.Text),
        new("finished_at", NpgsqlDbType.TimestampTz),
        new("chain_hash", NpgsqlDbType.Bytea),
        new("state", NpgsqlDbType.Bytea),
    ];

    private const string Insert = """
        step as (
            insert into engine.instances as i (id, version, created_at, updated_at, definition_id, definition_version_id,
                status, sub_status, incidents, correlation_id, name, finished_at, chain_hash, state)
            select @instance, @version + 1, @now, @now, @definition_id, @definition_version_id,
                @status, @sub_status, @incidents, @correlation, @name, @finished_at, @chain_hash, @state
            where (select failed from gate) is null
            returning i.id, i.version)
        """;

    private const string Update = """
        step as (
            update engine.instances i
            set version = @version + 1, updated_at = @now, status = @status, sub_status = @sub_status, incidents = @incidents,
                correlation_id = @correlation, name = @name, finished_at = @finished_at, chain_hash = @chain_hash,
                state = coalesce(@state, i.state)
            where i.id = @instance and i.version = @version and (select failed from gate) is null
            returning i.id, i.version)
        """;

    private readonly int[] firsts;
    private readonly NpgsqlDbType[] types;

    public StepStatement(IEnumerable<StepPart> domainParts)
    {
        // The engine's own come last: what the others add to outbox, journal and receipt is complete then.
        Parts = [.. domainParts, new PublishPart(), new JournalPart(), new BookmarkPart(), new TimerPart(), new SignalPart(), new OutboxPart(), new ReceiptPart()];
        if (Parts.GroupBy(p => p.Name).FirstOrDefault(g => g.Count() > 1) is { } doubled)
            throw new InvalidOperationException($"Two step parts are called '{doubled.Key}'. Give each a name of its own.");
        firsts = new int[Parts.Count];
        var all = new List<StepParameter>(Own);
        for (var i = 0; i < Parts.Count; i++)
        {
            firsts[i] = all.Count;
            all.AddRange(Parts[i].Parameters);
        }
        types = [.. all.Select(p => p.Type)];
        StartSql = Compose(Insert, [new StepGate(PublishedGate,
            "select exists (select from engine.definitions d where d.id = @definition_version_id and d.is_published)")]);
        StepSql = Compose(Update, []);
        LookupSql = string.Join(", ", Parts.Select(p => p.BookmarkLookup).OfType<string>().Select(s => s.Replace("@bookmark", "$1", StringComparison.Ordinal)));
    }

    public IReadOnlyList<StepPart> Parts { get; }
    public string StartSql { get; }
    public string StepSql { get; }

    /// <summary>Comma-separated scalar subqueries that find the instance of bookmark $1.</summary>
    public string LookupSql { get; }

    public NpgsqlCommand CreateCommand(NpgsqlConnection connection, string sql)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var type in types)
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type });
        return command;
    }

    /// <summary>Sets all parameters for one attempt.</summary>
    public void Bind(NpgsqlCommand command, StepWrite step, byte[]? state)
    {
        var all = command.Parameters;
        for (var i = Own.Length; i < all.Count; i++)
            all[i].Value = null;
        for (var i = 0; i < Parts.Count; i++)
            Parts[i].Bind(step, new StepParameters(all, firsts[i], Parts[i].Parameters.Count));
        for (var i = Own.Length; i < all.Count; i++)
            if (all[i].Value is null)
                throw new InvalidOperationException($"A step part left parameter {i + 1} of {all.Count} unset. Every parameter has to be bound in every step.");
        var own = new StepParameters(all, 0, Own.Length);
        own[0] = step.InstanceId;
        own[1] = step.VersionBefore;
        own[2] = step.Now;
        own[3] = step.MachineNow;
        own[4] = step.Workflow.Definition.DefinitionId;
        own[5] = step.State.DefinitionVersionId;
        own[6] = (short)step.State.Status;
        own[7] = (short)step.State.SubStatus;
        own[8] = step.State.Incidents.Count;
        own[9] = step.State.CorrelationId;
        own[10] = step.State.Name;
        own[11] = step.FinishedAt;
        own[12] = step.NextChainHash ?? step.PreviousChainHash;
        own[13] = state;
    }

    private string Compose(string step, StepGate[] ownGates)
    {
        var sql = new StringBuilder("with gate as materialized (select case\n");
        var gates = 0;
        foreach (var gate in ownGates)
            Add(gate, part: -1);
        for (var i = 0; i < Parts.Count; i++)
            foreach (var gate in Parts[i].Gates)
                Add(gate, i);
        if (gates == 0)
            sql.Append("when false then ''\n");
        sql.Append("end as failed),\n").Append(Number(step, -1));
        for (var i = 0; i < Parts.Count; i++)
            if (Parts[i].Sql.Length > 0)
                sql.Append(",\n").Append(Number(Parts[i].Sql, i));
        return sql.Append("\nselect (select version from step), (select failed from gate)").ToString();

        void Add(StepGate gate, int part)
        {
            gates++;
            sql.Append("when not coalesce((").Append(Number(gate.Sql, part)).Append("), false) then '").Append(gate.Name).Append("'\n");
        }
    }

    /// <summary>Replaces @names by their places; a part sees its own before the shared ones.</summary>
    private string Number(string sql, int part) => ParameterName().Replace(sql, match =>
    {
        var name = match.Groups[1].Value;
        if (part >= 0 && Place(Parts[part].Parameters, name) is >= 0 and var place)
            return $"${firsts[part] + place + 1}";
        if (Place(Own, name) is >= 0 and var shared && (part < 0 || shared is 0 or 2 or 3))
            return $"${shared + 1}";
        throw new InvalidOperationException($"Step part '{(part < 0 ? "engine" : Parts[part].Name)}' uses @{name}, which it doesn't declare.");
    });

    private static int Place(IReadOnlyList<StepParameter> parameters, string name)
    {
        for (var i = 0; i < parameters.Count; i++)
            if (parameters[i].Name == name)
                return i;
        return -1;
    }

    [GeneratedRegex("(?<!@)@([a-z_]+)")]
    private static partial Regex ParameterName();
}
