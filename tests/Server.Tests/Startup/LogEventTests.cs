using System.Reflection;
using Microsoft.Extensions.Logging;
using Talent.Workflows.Approvals;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Server.Startup;

namespace Talent.Workflows.Server.Tests.Startup;

public sealed class LogEventTests
{
    [Fact]
    public void LogEvents_WhenAllAreListed_ThenNoTwoHaveTheSameId()
    {
        const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var events = new[] { typeof(Migrator), typeof(ApprovalRegistration), typeof(ServerHost) }.SelectMany(t => t.Assembly.GetTypes()).SelectMany(t => t.GetMethods(All))
            .Select(m => (Method: $"{m.DeclaringType!.Name}.{m.Name}", m.GetCustomAttribute<LoggerMessageAttribute>()?.EventId)).Where(e => e.EventId is not null).ToList();

        Assert.NotEmpty(events);
        Assert.Empty(events.GroupBy(e => e.EventId).Where(g => g.Count() > 1).Select(g => $"{g.Key}: {string.Join(", ", g.Select(e => e.Method))}"));
    }
}
