using Talent.Workflows.Server.Tests.Startup;

namespace Talent.Workflows.Server.Tests.Demo;

public sealed class DemoTests
{
    [Fact]
    public async Task Demo_WhenRunOnItsOwnServer_ThenBothSamplesReachTheirEndAndNothingIsColoured()
    {
        var (code, output) = await ServerProcess.RunAsync("demo");

        Assert.True(code == 0, output);
        foreach (var told in (string[])["催办", "改派", "在归口单位审核环节被退回补正", "专家回避", "专家递补", "提出异议", "异议不成立", "不计入 5 个工作日", "已办结", "未通过", "✓ 演示完成"])
            Assert.Contains(told, output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', output);
    }
}
