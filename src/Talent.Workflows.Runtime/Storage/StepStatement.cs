using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text;
using System.Text.RegularExpressions;
using NpgsqlTypes;
using Talent.Workflows.Runtime.Signals;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>
/// The statements of steps, composed of what the parts don't skip. Which sections a step needs follows from what it does,
/// so there are a few dozen shapes in practice; all have the same order of gates and writes.
/// </summary>
internal sealed partial class StepStatement
{
    /// <summary>Gate of a start: the version was not retracted since it was looked up.</summary>
    public const string PublishedGate = "definition_published";

    // Beyond it shapes are composed anew each time: slow, but bounded.
    private const int MostShapes = 1024;

    // The bits of what a shape leaves out.
    private const int MostSections = 128;

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
        new("created_at", NpgsqlDbType.TimestampTz),
    ];

    private static readonly FrozenDictionary<string, int> OwnPlaces = Places("engine", Own, 0);

    private const string Insert = """
        step as (
            insert into engine.instances as i (id, version, created_at, updated_at, definition_id, definition_version_id,
                status, sub_status, incidents, correlation_id, name, finished_at, chain_hash, state)
            select @instance, @version + 1, @now, @now, @definition_id, @definition_version_id,
                @status, @sub_status, @incidents, @correlation, @name, @finished_at, @chain_hash, @state
            where (select failed from gate) is null
            returning i.id, i.version)
        """;

    // An instance that was created elsewhere.
    private static readonly string Import = Insert.Replace("@now, @now,", "@created_at, @now,", StringComparison.Ordinal);

    private const string Update = """
        step as (
            update engine.instances i
            set version = @version + 1, definition_version_id = @definition_version_id, updated_at = coalesce(@finished_at, @now), status = @status, sub_status = @sub_status, incidents = @incidents,
                correlation_id = @correlation, name = @name, finished_at = @finished_at, chain_hash = @chain_hash,
                state = coalesce(@state, i.state)
            where i.id = @instance and i.version = @version and (select failed from gate) is null
            returning i.id, i.version)
        """;

    private static readonly StepGate Published = new(PublishedGate,
        "select exists (select from engine.definitions d where d.id = @definition_version_id and d.is_published)");

    private readonly ConcurrentDictionary<(UInt128 Skipped, bool IsStart, bool IsImport), StepShape> shapes = new();
    private readonly int[] firsts;
    private readonly FrozenDictionary<string, int>[] places;
    private readonly int[] firstSections;
    private readonly (StepSection Section, int Part)[] sections;
    private readonly StepParameter[] all;

    public StepStatement(IEnumerable<StepPart> domainParts, PayloadHash payloads)
    {
        // The engine's own come last: what the others add to outbox, journal and receipt is complete then.
        Parts = [.. domainParts, new PublishPart(), new DeliveriesPart(), new ActivationPart(), new JournalPart(), new BookmarkPart(), new TimerPart(), new SignalPart(payloads), new OutboxPart(), new ReceiptPart()];
        if (Parts.GroupBy(p => p.Name).FirstOrDefault(g => g.Count() > 1) is { } doubled)
            throw new InvalidOperationException($"Two step parts are called '{doubled.Key}'. Give each a name of its own.");
        firsts = new int[Parts.Count + 1];
        places = new FrozenDictionary<string, int>[Parts.Count];
        firstSections = new int[Parts.Count + 1];
        var parameters = new List<StepParameter>(Own);
        var parts = new List<(StepSection, int)>();
        for (var i = 0; i < Parts.Count; i++)
        {
            (firsts[i], firstSections[i]) = (parameters.Count, parts.Count);
            places[i] = Places(Parts[i].Name, Parts[i].Parameters, firsts[i]);
            parameters.AddRange(Parts[i].Parameters);
            foreach (var section in Parts[i].Sections)
                parts.Add((section, i));
        }
        (firsts[^1], firstSections[^1]) = (parameters.Count, parts.Count);
        if (parts.Count > MostSections)
            throw new InvalidOperationException($"The step parts have {parts.Count} sections; a step's shape has room for {MostSections}. Join some of them.");
        (all, sections) = ([.. parameters], [.. parts]);
        // Whatever a step will need can be composed: a misspelt parameter shows at start-up, not in the first step that meets it.
        Compose(0, isStart: true, isImport: false);
        Compose(0, isStart: true, isImport: true);
        Compose(0, isStart: false, isImport: false);
        LookupSql = string.Join(", ", Parts.Select(p => p.BookmarkLookup).OfType<string>().Select(s => s.Replace("@bookmark", "$1", StringComparison.Ordinal)));
    }

    public IReadOnlyList<StepPart> Parts { get; }

    /// <summary>Comma-separated scalar subqueries that find the instance of bookmark $1.</summary>
    public string LookupSql { get; }

    public StepValues CreateValues() => new(all.Length);

    /// <summary>Lets all parts set what they write in one attempt, and finds the statement for it.</summary>
    public StepShape Bind(StepValues values, StepWrite step, byte[]? state)
    {
        values.Clear();
        for (var i = 0; i < Parts.Count; i++)
            Parts[i].Bind(step, new StepParameters(values, places[i], firstSections[i], firstSections[i + 1] - firstSections[i]));
        var own = new StepParameters(values, OwnPlaces, 0, 0);
        own["instance"] = step.InstanceId;
        own["version"] = step.VersionBefore;
        own["now"] = step.Now;
        own["machine_now"] = step.MachineNow;
        own["definition_id"] = step.Workflow.Definition.DefinitionId;
        own["definition_version_id"] = step.State.DefinitionVersionId;
        own["status"] = (short)step.State.Status;
        own["sub_status"] = (short)step.State.SubStatus;
        own["incidents"] = step.State.Incidents.Count;
        own["correlation"] = step.State.CorrelationId;
        own["name"] = step.State.Name;
        own["finished_at"] = step.FinishedAt;
        own["chain_hash"] = step.NextChainHash ?? step.PreviousChainHash;
        own["state"] = state;
        own["created_at"] = step.ImportedFrom;
        var key = (values.Skipped, step.IsStart, IsImport: step.ImportedFrom is not null);
        if (shapes.TryGetValue(key, out var shape))
            return shape;
        shape = Compose(key.Skipped, key.IsStart, key.IsImport);
        return shapes.Count < MostShapes ? shapes.GetOrAdd(key, shape) : shape;
    }

    private static FrozenDictionary<string, int> Places(string part, IReadOnlyList<StepParameter> parameters, int first) =>
        parameters.GroupBy(p => p.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } doubled
            ? throw new InvalidOperationException($"Step part '{part}' declares two parameters '@{doubled.Key}'. Give each a name of its own.")
            : parameters.Select((parameter, i) => (parameter.Name, Place: first + i)).ToFrozenDictionary(p => p.Name, p => p.Place, StringComparer.Ordinal);

    private StepShape Compose(UInt128 skipped, bool isStart, bool isImport)
    {
        var taken = new List<StepShape.Taken>();
        var gates = new List<string>();
        var writes = new StringBuilder();
        // What began elsewhere may go on by a version that is no more the published one.
        if (isStart && !isImport)
            gates.Add(Scalar(Published, -1, taken));
        for (var i = 0; i < sections.Length; i++)
            if ((skipped >> i & 1) == 0)
                foreach (var gate in sections[i].Section.Gates)
                    gates.Add(Scalar(gate, sections[i].Part, taken));
        writes.Append(Number(isImport ? Import : isStart ? Insert : Update, -1, taken));
        for (var i = 0; i < sections.Length; i++)
            if ((skipped >> i & 1) == 0 && sections[i].Section.Sql.Length > 0)
                writes.Append(",\n").Append(Number(sections[i].Section.Sql, sections[i].Part, taken));
        // COALESCE stops at the first gate that is closed.
        var failed = gates.Count == 0 ? "null::text" : $"coalesce({string.Join(",\n", gates)})";
        var sql = $"with gate as materialized (select {failed} as failed),\n{writes}\nselect (select version from step), (select failed from gate)";
        // The server copies the text in every execution.
        return new StepShape(Space().Replace(sql, " "), [.. taken]);
    }

    private string Scalar(StepGate gate, int part, List<StepShape.Taken> taken)
    {
        var sql = Number(gate.Sql, part, taken);
        return gate.Name is null ? $"({sql})" : $"case when not coalesce(({sql}), false) then '{gate.Name}' end";
    }

    /// <summary>Replaces @names by their places in this statement; a part sees its own before the shared ones.</summary>
    private string Number(string sql, int part, List<StepShape.Taken> taken) => ParameterName().Replace(sql, match =>
    {
        var place = Find(match.Groups[1].Value, part);
        var first = match.Groups[2].Success;
        var one = new StepShape.Taken(place, first, first ? all[place].Type & ~NpgsqlDbType.Array : all[place].Type);
        var at = taken.IndexOf(one);
        if (at < 0)
        {
            at = taken.Count;
            taken.Add(one);
        }
        return $"${at + 1}";
    });

    private int Find(string name, int part)
    {
        if (part >= 0)
            for (var i = firsts[part]; i < firsts[part + 1]; i++)
                if (all[i].Name == name)
                    return i;
        for (var i = 0; i < Own.Length; i++)
            if (Own[i].Name == name && (part < 0 || i is 0 or 2 or 3))
                return i;
        throw new InvalidOperationException($"Step part '{(part < 0 ? "engine" : Parts[part].Name)}' uses @{name}, which it doesn't declare.");
    }

    [GeneratedRegex(@"(?<!@)@([a-z_]+)(\[1\])?")]
    private static partial Regex ParameterName();

    // No literal or identifier of the parts holds two spaces or a line break.
    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
