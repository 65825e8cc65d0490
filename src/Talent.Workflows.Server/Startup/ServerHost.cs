using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Npgsql;
using Serilog;
using Serilog.Extensions.Logging;
using Talent.Workflows.Approvals;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Runtime;
using Talent.Workflows.Runtime.EmbeddedPostgres;
using Talent.Workflows.Runtime.Events;
using Talent.Workflows.Runtime.Signals;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Server.Api;
using Talent.Workflows.Server.Security;
using Talent.Workflows.Server.Security.Staff;

namespace Talent.Workflows.Server.Startup;

/// <summary>
/// A whole server: PostgreSQL, schema, content, first key, HTTP, in this order. Disposing it drains, then stops the private
/// PostgreSQL when this server started it.
/// </summary>
public sealed class ServerHost : IAsyncDisposable
{
    public const string DefaultUrl = "http://127.0.0.1:5080";

    private readonly EmbeddedPostgresServer? postgres;
    private readonly Serilog.ILogger log;
    private readonly Task composing;
    private bool starting;
    private bool listening;

    private ServerHost(WebApplication app, EmbeddedPostgresServer? postgres, Serilog.ILogger log, string dataDirectory, Task composing) =>
        (App, this.postgres, this.log, DataDirectory, this.composing) = (app, postgres, log, dataDirectory, composing);

    public WebApplication App { get; }

    /// <summary>Where this installation keeps its files.</summary>
    public string DataDirectory { get; }

    /// <summary>The file with the first administrator key; null when the key is configured.</summary>
    public string? BootstrapKeyFile { get; private set; }

    /// <summary>The file with the password of the first account for Studio; null when it is configured.</summary>
    public string? AdminPasswordFile { get; private set; }

    /// <summary>True when the server uses its own private PostgreSQL.</summary>
    public bool HasPrivatePostgres => postgres is not null;

    /// <summary>Where it listens, once <see cref="ListenAsync"/> has returned.</summary>
    public IReadOnlyCollection<string> Urls => [.. App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? []];

    /// <summary>Prepares everything up to a migrated database and composed services, listening to nobody yet.</summary>
    /// <param name="args">Settings as <c>--Name=value</c>; they win over the environment.</param>
    /// <param name="toListen">Whether <see cref="ListenAsync"/> follows: then what it needs is composed meanwhile.</param>
    public static async Task<ServerHost> BuildAsync(string[] args, CancellationToken cancellationToken, bool toListen = false)
    {
        var builder = WebApplication.CreateBuilder(args);
        var configuration = builder.Configuration;
        WrongSettingException.Check(configuration);
        var content = ContentFolder.Find(configuration["Talent:WorkflowsDir"] ?? configuration["Talent:ContentDir"], builder.Environment.ContentRootPath);
        var data = Path.GetFullPath(configuration["Talent:DataDir"] is { Length: > 0 } given ? given : ".data", content.Root);
        Directory.CreateDirectory(data);
        var log = ServerLogging.Create(configuration, data);
        EmbeddedPostgresServer? postgres = null;
        try
        {
            using var factory = new SerilogLoggerFactory(log);
            var connectionString = configuration.GetConnectionString("Talent");
            builder.Logging.ClearProviders().AddSerilog(log);
            if (configuration["urls"] is null && configuration["http_ports"] is null && configuration["https_ports"] is null && !configuration.GetSection("Kestrel:Endpoints").Exists())
                builder.WebHost.UseUrls(DefaultUrl);
            // By a factory, so that the host disposes it: the private PostgreSQL stops only when nobody is connected.
            builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(WithDefaults(connectionString!)));
            builder.AddServer();
            builder.AddWorkflowRuntime();
            builder.AddApprovals();
            builder.AddMessageChannels();
            builder.AddIntegrations();
            builder.Services.PostConfigure<ApprovalOptions>(options => (options.ContentDir, options.DataDir) = (content.Workflows, data));
            var app = builder.Build();
            // Before the database is touched.
            app.Services.GetRequiredService<IStartupValidator>().Validate();
            if (toListen)
                _ = app.Services.GetRequiredService<MasterKey>().Id;
            app.UseServer();
            var composing = toListen ? Task.Run(() => Compose(app.Services), cancellationToken) : Task.CompletedTask;
            if (string.IsNullOrWhiteSpace(connectionString))
            {
                postgres = await EmbeddedPostgresServer.StartAsync(EmbeddedPostgresOptions.From(configuration, content.Root), factory.CreateLogger("PostgreSQL"), cancellationToken);
                connectionString = postgres.ConnectionString;
            }
            var host = new ServerHost(app, postgres, log, data, composing);
            await new Migrator(app.Services.GetRequiredService<NpgsqlDataSource>(), factory.CreateLogger("Migrations"),
                typeof(Migrator).Assembly, typeof(ApprovalRegistration).Assembly, typeof(ServerHost).Assembly).MigrateAsync(cancellationToken);
            return host;
        }
        catch
        {
            if (postgres is not null)
                await postgres.DisposeAsync();
            await ((IAsyncDisposable)log).DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// What suits this product, mostly unless the connection string says otherwise: statements that come again and again are parsed and
    /// planned once a connection, and no Kerberos encryption is tried, because opening a connection may wait for ever then.
    /// </summary>
    private static NpgsqlConnectionStringBuilder WithDefaults(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        // 0 is what somebody wants whose pooler can't keep prepared statements.
        var said = new DbConnectionStringBuilder { ConnectionString = connectionString };
        if (!said.ContainsKey("Max Auto Prepare") && !said.ContainsKey("MaxAutoPrepare"))
            (settings.MaxAutoPrepare, settings.AutoPrepareMinUsages) = (100, 2);
        // Npgsql issues 6524 and 6655: its default is to prefer it.
        if (!said.ContainsKey("GSS Encryption Mode") && !said.ContainsKey("GssEncryptionMode"))
            settings.GssEncryptionMode = GssEncryptionMode.Disable;
        // Whatever it says: the details of a violation and the parameters of a statement are what people sent.
        (settings.IncludeErrorDetail, settings.LogParameters) = (false, false);
        return settings;
    }

    /// <summary>What only computes, and so can go on beside what waits for PostgreSQL.</summary>
    private static void Compose(IServiceProvider services)
    {
        services.GetRequiredService<ApprovalContent>();
        _ = services.GetRequiredService<EndpointDataSource>().Endpoints;
    }

    /// <summary>Loads the content, makes sure that somebody can administer, and listens.</summary>
    public async Task ListenAsync(CancellationToken cancellationToken)
    {
        var services = App.Services;
        await services.GetRequiredService<NodeService>().FollowAsync(cancellationToken);
        // The master key is this database's, or nothing is served.
        await services.GetRequiredService<DataKeys>().ReadAsync(cancellationToken);
        await services.GetRequiredService<ContentLoading>().LoadAsync(cancellationToken);
        var keys = services.GetRequiredService<KeyStore>();
        services.GetRequiredService<Cursors>().Use(await keys.SecretAsync("cursors", RandomNumberGenerator.GetBytes(32), cancellationToken));
        services.GetRequiredService<RequestHash>().Use(await keys.SecretAsync("request-hashes", RandomNumberGenerator.GetBytes(32), cancellationToken));
        services.GetRequiredService<PayloadHash>().Use(await keys.SecretAsync("payload-hashes", RandomNumberGenerator.GetBytes(32), cancellationToken));
        BootstrapKeyFile = await services.GetRequiredService<BootstrapKey>().EnsureAsync(App.Configuration["Talent:BootstrapKey"], DataDirectory, cancellationToken);
        AdminPasswordFile = await services.GetRequiredService<FirstAdministrator>().EnsureAsync(App.Configuration["Talent:AdminPassword"], DataDirectory, cancellationToken);
        await composing;
        starting = true;
        await App.StartAsync(cancellationToken);
        listening = true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Requests, timers, deliveries and the scheduler end before what they use is taken from them.
        if (listening)
            await App.StopAsync();
        else if (starting)
            await EndStartAsync();
        // Whoever needed what it composed was told of its failure.
        await composing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await App.DisposeAsync();
        if (postgres is not null)
            await postgres.DisposeAsync();
        await ((IAsyncDisposable)log).DisposeAsync();
    }

    /// <summary>Ends what a start that failed had begun. It isn't waited for long, and why the start failed is what counts.</summary>
    private async Task EndStartAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await App.StopAsync(limit.Token);
        }
        catch (Exception cause) when (cause is OperationCanceledException or AggregateException)
        {
            log.Debug(cause, "Not everything that was started ended in time");
        }
    }
}
