using System.Collections.Concurrent;
using FsCheck;
using FsCheck.Fluent;

namespace Talent.Workflows.Approvals.Tests.Reviews;

/// <summary>Random services of stages one after the other and side by side, and everything that people and time may do with them in any order.</summary>
public sealed class ReturnProperties
{
    /// <summary>After so many acts everybody only approves, so that it ends.</summary>
    private const int Wild = 60;

    private static readonly Gen<(int Shape, int Seed)> Runs = Gen.Choose(0, int.MaxValue - 1).SelectMany(shape => Gen.Choose(0, int.MaxValue - 1).Select(seed => (shape, seed)));

    [Fact]
    public void AnyOrderOfActs_WhenStagesRunSideBySide_ThenNoneIsSkippedNoneDoubledAndTheClocksAreRight_R_REV_2_R_REV_3_R_REV_4_R_REV_7()
    {
        var acts = new ConcurrentDictionary<string, int>();

        Property.Holds(Runs, run =>
        {
            var played = new RandomRun(run.Shape, run.Seed, Wild);
            if (played.Fault() is { } fault)
                throw Shortest(run.Shape, run.Seed, fault);
            foreach (var (act, times) in played.Acts)
                acts.AddOrUpdate(act, times, (_, before) => before + times);
        });

        // Otherwise it would have shown nothing.
        foreach (var act in RandomRun.AllActs)
            Assert.True(acts.GetValueOrDefault(act) >= 30, $"'{act}' happened {acts.GetValueOrDefault(act)} times: {string.Join(", ", acts.OrderBy(a => a.Key))}");
    }

    /// <summary>The fewest acts after which the same run fails.</summary>
    private static InvalidOperationException Shortest(int shape, int seed, Exception fault)
    {
        for (var wild = 0; wild < Wild; wild++)
            if (new RandomRun(shape, seed, wild) is var run && run.Fault() is { } sooner)
                return new InvalidOperationException($"shape {shape}, seed {seed}, {wild} acts: {sooner.Message}\n{run}", sooner);
        return new InvalidOperationException($"shape {shape}, seed {seed}: {fault.Message}", fault);
    }
}
