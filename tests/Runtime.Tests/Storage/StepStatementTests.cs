using NpgsqlTypes;
using Talent.Workflows.Runtime.Signals;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Runtime.Tests.Storage;

/// <summary>Parts and the statement are tied by the names of parameters: what doesn't fit shows at start-up, or at the first step at the latest.</summary>
public sealed class StepStatementTests
{
    [Fact]
    public void Statement_WhenAPartDeclaresAParameterTwice_ThenItIsRefused()
    {
        var refused = Assert.Throws<InvalidOperationException>(() => new StepStatement([new NamedPart("text", "text")], new PayloadHash()));

        Assert.Contains("two parameters '@text'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Statement_WhenAPartUsesAParameterThatItDoesNotDeclare_ThenItIsRefused()
    {
        var refused = Assert.Throws<InvalidOperationException>(() => new StepStatement([new NamedPart("other")], new PayloadHash()));

        Assert.Contains("@text", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_WhenAPartSetsOneOfAnother_ThenItIsRefused()
    {
        var values = new StepStatement([new NamedPart("text")], new PayloadHash()).CreateValues();

        Assert.Throws<ArgumentException>(() => new StepParameters(values, System.Collections.Frozen.FrozenDictionary<string, int>.Empty, 0, 0)["text"] = "x");
    }

    private sealed class NamedPart(params string[] names) : StepPart
    {
        public override string Name => "named";
        public override IReadOnlyList<StepParameter> Parameters { get; } = [.. names.Select(n => new StepParameter(n, NpgsqlDbType.Text))];
        public override string Sql => "named_seen as (select @text::text)";

        public override void Bind(StepWrite step, StepParameters values) => values["text"] = "x";
    }
}
