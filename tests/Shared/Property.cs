using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace Talent.Workflows.Testing;

/// <summary>
/// Runs a property with a fixed seed, which a failure prints: 100 cases, and twenty times as many with TALENT_TEST_FULL=1.
/// TALENT_TEST_SEED picks another seed.
/// </summary>
internal static class Property
{
    private static readonly bool Full = Environment.GetEnvironmentVariable("TALENT_TEST_FULL") == "1";
    private static readonly ulong Seed = ulong.Parse(Environment.GetEnvironmentVariable("TALENT_TEST_SEED") ?? "20260101", CultureInfo.InvariantCulture);

    public static void Holds<T>(Gen<T> cases, Action<T> assertion, int count = 100)
    {
        var config = Config.QuickThrowOnFailure
            .WithMaxTest(Full ? count * 20 : count)
            .WithQuietOnSuccess(true)
            .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(Seed, 11), FSharpOption<int>.None)));
        Prop.ForAll(cases.ToArbitrary(), assertion).Check(config);
    }
}
