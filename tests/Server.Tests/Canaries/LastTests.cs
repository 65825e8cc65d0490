using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Talent.Workflows.Server.Tests.Canaries.LastLast", "Talent.Workflows.Server.Tests")]

namespace Talent.Workflows.Server.Tests.Canaries;

/// <summary>Runs when all other tests are through: the runner begins what can't run beside others after everything that can.</summary>
[Collection(Name)]
public sealed class LastTests
{
    public const string Name = "last";

    [Fact]
    public void Run_WhenAllTestsAreThrough_ThenNoServerAndNoSpanGaveANumberAway_R_AUD_2_R_NTF_4() => CanaryWatch.RequireNoneLeft();
}

/// <summary>Puts <see cref="LastTests"/> behind all others, those too that run beside none.</summary>
[CollectionDefinition(LastTests.Name, DisableParallelization = true)]
public sealed class LastLast : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) => testCollections.OrderBy(c => c.DisplayName == LastTests.Name);
}
