using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using NpgsqlTypes;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Runtime.Tests.Storage;

/// <summary>Statements composed of some sections do what the whole one would do for them, however many shapes there are.</summary>
public sealed class StepShapeTests(RuntimeDatabase database) : RuntimeTest(database)
{
    private const int Count = 11;

    /// <summary>More than are kept (1024).</summary>
    private const int Shapes = 1100;

    protected override async Task ArrangeAsync()
    {
        await using (var command = Db.DataSource.CreateCommand("create table if not exists public.marks (instance_id uuid not null, version bigint not null, section int not null, value int not null)"))
            await command.ExecuteNonQueryAsync();
        // Each connection prepares what it runs; one is enough here.
        node = NewNode(more: services => services.AddSingleton<StepPart, MarksPart>(), settings: new() { ["Runtime:StepConnections"] = "1" });
        await node.PublishAsync(Flows.Sequence("marked", Flows.Event("a", "go"), Flows.Event("b", "go")));
    }

    [Fact]
    public async Task Step_WhenAnySectionsAreSkippedAndMoreShapesOccurThanAreKept_ThenExactlyTheOthersAreWritten()
    {
        var id = await node.StartInstanceAsync("marked");
        // In an order without order, the first two of them again at the end: kept shapes and those composed anew work alike.
        var bits = Enumerable.Range(0, Shapes).Select(i => i * 37 % (1 << Count)).ToList();
        bits.AddRange([bits[0], bits[1], bits[^1]]);

        foreach (var one in bits)
            Assert.True((await node.Runtime.ApplyAsync(new StepRequest { InstanceId = id, Actor = RuntimeNode.Tester, Domain = new Marks(one) }, default)).Applied);

        Assert.Equal(1L + bits.Count, (await node.ReadAsync(id)).Version);
        var written = await WrittenAsync(id);
        for (var i = 0; i < bits.Count; i++)
            Assert.Equal(Expected(bits[i]), written.GetValueOrDefault(2 + i, ""));
    }

    [Fact]
    public async Task Step_WhenAGateBelongsToASkippedSection_ThenItIsNotAskedAndElseItIs()
    {
        var id = await node.StartInstanceAsync("marked");

        var closed = await node.Runtime.ApplyAsync(new StepRequest { InstanceId = id, Actor = RuntimeNode.Tester, Domain = new Marks(0b101, ClosedGate: 2) }, default);
        var skipped = await node.Runtime.ApplyAsync(new StepRequest { InstanceId = id, Actor = RuntimeNode.Tester, Domain = new Marks(0b001, ClosedGate: 2) }, default);

        Assert.Equal("mark_c", closed.GateFailed);
        Assert.True(skipped.Applied);
        Assert.Equal(Expected(0b001), Assert.Single(await WrittenAsync(id)).Value);
    }

    [Fact]
    public async Task Step_WhenTheEnginesOwnSectionsJoinAny_ThenSignalJournalAndBookmarkAreWrittenBesideThem()
    {
        foreach (var bits in (int[])[0, 1, 0b10000000000, (1 << Count) - 1])
        {
            var id = await node.StartInstanceAsync("marked");

            var answer = await node.Runtime.ApplyAsync(new StepRequest { InstanceId = id, Stimulus = new Stimulus.Signal("s", "go", default), Actor = RuntimeNode.Tester, Domain = new Marks(bits) }, default);

            Assert.True(answer.Applied);
            Assert.Equal("b", Assert.Single((await node.ReadAsync(id)).State.Bookmarks).ActivityId);
            Assert.NotNull(await node.Runtime.ReadSignalAsync(id, "s", default));
            Assert.Equal(Expected(bits), (await WrittenAsync(id)).GetValueOrDefault(2, ""));
        }
    }

    private static string Expected(int bits) =>
        string.Join(' ', Enumerable.Range(0, Count).Where(section => (bits >> section & 1) != 0).Select(section => string.Create(CultureInfo.InvariantCulture, $"{section}:{bits + section}")));

    private async Task<Dictionary<long, string>> WrittenAsync(Guid id)
    {
        await using var command = Db.DataSource.CreateCommand($"select version, string_agg(section || ':' || value, ' ' order by section) from public.marks where instance_id = '{id}' group by version");
        await using var reader = await command.ExecuteReaderAsync();
        var written = new Dictionary<long, string>();
        while (await reader.ReadAsync())
            written.Add(reader.GetInt64(0), reader.GetString(1));
        return written;
    }

    /// <summary>Which sections write in a step, one bit each.</summary>
    private sealed record Marks(int Bits, int? ClosedGate = null);

    /// <summary>Independent sections, each with a value and a gate of its own.</summary>
    private sealed class MarksPart : StepPart
    {
        public override string Name => "marks";

        public override IReadOnlyList<StepParameter> Parameters { get; } =
            [.. Enumerable.Range(0, Count).SelectMany(s => (StepParameter[])[new($"value_{Letter(s)}", NpgsqlDbType.Integer), new($"open_{Letter(s)}", NpgsqlDbType.Boolean)])];

        public override IReadOnlyList<StepSection> Sections { get; } = [.. Enumerable.Range(0, Count).Select(s => new StepSection(
            $"mark_{Letter(s)} as (insert into public.marks (instance_id, version, section, value) select id, version, {s}, @value_{Letter(s)} from step)",
            new StepGate($"mark_{Letter(s)}", $"@open_{Letter(s)}")))];

        public override void Bind(StepWrite step, StepParameters values)
        {
            var marks = step.Domain as Marks ?? new Marks(0);
            for (var s = 0; s < Count; s++)
            {
                values.SkipUnless((marks.Bits >> s & 1) != 0, s);
                // What is skipped may stay unset.
                if ((marks.Bits >> s & 1) == 0)
                    continue;
                values[$"value_{Letter(s)}"] = marks.Bits + s;
                values[$"open_{Letter(s)}"] = marks.ClosedGate != s;
            }
        }

        private static char Letter(int section) => (char)('a' + section);
    }
}
