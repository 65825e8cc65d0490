using System.Globalization;
using System.Text;
using Talent.Workflows.Approvals.Programs;

namespace Talent.Workflows.Approvals.Tests.Programs;

/// <summary>A program of the system leaves nothing behind that it started.</summary>
public sealed class OutsideProgramTests
{
    // None of these children ends by itself within a day.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(null)]
    [InlineData(65534)]
    public async Task Program_WhenItEndsAndAChildHoldsItsOutput_ThenTheAnswerIsThereAndTheChildIsGone_R_CASE_5(int? account)
    {
        var answer = await new OutsideProgram("/bin/sh", ["-c", "sleep 86400 & echo $!; exit 3"], TimeProvider.System) { Account = account, Longest = Longest }.RunAsync(Stream.Null, 100, default);

        Assert.Equal(3, answer.ExitCode);
        await Gone(Encoding.ASCII.GetString(answer.Output));
    }

    [Fact]
    public async Task Program_WhenItTakesTooLong_ThenItIsGoneWithItsChildrenAlsoThoseItHasLost_R_CASE_5()
    {
        using var folder = new TemporaryFolder();
        var (child, own) = (Path.Combine(folder.Path, "child"), Path.Combine(folder.Path, "own"));
        // The child's own parent ends at once.
        var script = $"(sleep 86400 & echo $! > {child}); echo $$ > {own}; exec sleep 86400";

        await Assert.ThrowsAsync<TimeoutException>(() => new OutsideProgram("/bin/sh", ["-c", script], TimeProvider.System) { Longest = TimeSpan.FromSeconds(2) }.RunAsync(Stream.Null, 100, default));

        foreach (var file in (string[])[own, child])
            await Gone(await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task Program_WhenThereIsNone_ThenItIsSaid_R_CASE_5() =>
        Assert.True((await new OutsideProgram("/nowhere/program", [], TimeProvider.System).RunAsync(Stream.Null, 100, default)).IsMissing);

    private static async Task Gone(string process)
    {
        var status = string.Create(CultureInfo.InvariantCulture, $"/proc/{int.Parse(process, CultureInfo.InvariantCulture)}/stat");
        using var limit = new CancellationTokenSource(Longest);
        // Killed, it may wait for whoever has inherited it to take notice.
        while (Read() is { } stat && stat[(stat.LastIndexOf(')') + 2)..] is not (['Z', ..] or ['X', ..]))
            await Task.Delay(20, limit.Token);

        string? Read()
        {
            try
            {
                return File.ReadAllText(status);
            }
            catch (IOException)
            {
                return null;
            }
        }
    }
}
