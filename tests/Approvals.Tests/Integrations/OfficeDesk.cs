using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.Tests.Cases;

namespace Talent.Workflows.Approvals.Tests.Integrations;

/// <summary>Tests of cases at a desk that asks another office over HTTP, as the product does.</summary>
public abstract class OfficeDesk : IAsyncLifetime
{
    private OfficeServer server = null!;

    /// <summary>The desk whose cases ask.</summary>
    private protected CaseDesk desk = null!;

    /// <summary>Who is asked.</summary>
    private protected OutsideSimulator office = null!;

    /// <summary>Opens the desk with what the host would add.</summary>
    private protected abstract Task<CaseDesk> OpenAsync(Action<IServiceCollection> add);

    /// <summary>Adds what asks the office.</summary>
    private protected abstract void Add(IServiceCollection services, Func<IServiceProvider, OutsideClient> client);

    private protected abstract void Map(IEndpointRouteBuilder routes, OutsideSimulator office);

    public async Task InitializeAsync()
    {
        var options = OfficeServer.Key();
        desk = await OpenAsync(services => Add(services, s => OfficeServer.ClientOf(options, "the office", s.GetRequiredService<TimeProvider>())));
        server = await OfficeServer.OpenAsync(Map, options, desk.Time);
        office = server.Office;
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        await desk.DisposeAsync();
    }
}
