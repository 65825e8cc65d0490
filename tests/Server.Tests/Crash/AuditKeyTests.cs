using Microsoft.Extensions.Options;
using Talent.Workflows.Approvals;
using Talent.Workflows.Approvals.Audit;

namespace Talent.Workflows.Server.Tests.Crash;

/// <summary>The key that signs the audit is made while others look for it, and its maker may be killed.</summary>
public sealed class AuditKeyTests
{
    [Fact]
    public async Task AuditKey_WhenManyMakeItAtOnce_ThenAllHaveTheSame()
    {
        for (var round = 0; round < 10; round++)
        {
            using var folder = new TemporaryFolder();
            using var together = new Barrier(8);

            var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(() =>
            {
                together.SignalAndWait();
                return new AuditKey(Options.Create(new ApprovalOptions { DataDir = folder.Path })).PrivatePem;
            }, TaskCreationOptions.LongRunning)));

            Assert.StartsWith("-----BEGIN PRIVATE KEY-----", Assert.Single(keys.Distinct()), StringComparison.Ordinal);
            Assert.Equal("audit-key.pem", Path.GetFileName(Assert.Single(Directory.GetFiles(folder.Path))));
        }
    }
}
