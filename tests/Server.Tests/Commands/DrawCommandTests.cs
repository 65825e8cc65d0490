using System.Text;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Server.Tests.Startup;

namespace Talent.Workflows.Server.Tests.Commands;

/// <summary><c>draw verify</c> needs no server and no database.</summary>
public sealed class DrawCommandTests
{
    [Fact]
    public async Task DrawVerify_WhenOneByteOfThePoolChanges_ThenItSaysSoAndFails_R_PAN_1()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "draw.json");
        var record = Record();
        await File.WriteAllBytesAsync(file, record);

        var (code, output) = await ServerProcess.RunAsync(["draw", "verify", file]);
        Assert.True(code == 0, output);
        Assert.Contains("抽取属实", output, StringComparison.Ordinal);
        Assert.Contains(DrawRecord.HashOf(record), output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, Encoding.UTF8.GetString(record).Replace("O-5", "O-6", StringComparison.Ordinal));
        (code, output) = await ServerProcess.RunAsync(["draw", "verify", file]);
        Assert.Equal(1, code);
        Assert.Contains("NOT VERIFIED", output, StringComparison.Ordinal);
        Assert.Contains("✗ 专家库记录与摘要一致", output, StringComparison.Ordinal);
    }

    private static byte[] Record()
    {
        var (panel, subject) = (Guid.NewGuid(), new PanelSubject { ApplicantId = "P-1", EmployerId = "O-1" });
        Expert[] experts = [.. Enumerable.Range(1, 9).Select(i => new Expert { Id = $"E-{i}", Fields = ["law"], EmployerId = $"O-{i}" })];
        var rules = new PanelRules { Size = 5 };
        var (nonce, pool) = (new byte[32], new PoolRecord(subject, [.. experts], rules).Write());
        return new DrawRecord
        {
            Format = DrawRecord.CurrentFormat, PanelId = panel, CaseId = panel, Visit = 1, Nonce = Convert.ToHexStringLower(nonce), Attempts = [], AdditionPools = [], Pool = pool,
            Draw = PanelDraw.Draw(experts, subject, rules, DrawSeed.OfServer(panel, 1, nonce)),
        }.Write();
    }
}
