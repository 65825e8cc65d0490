using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Options;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Catalogue.Documents;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Eligibility;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Employers.Associations;
using Talent.Workflows.Approvals.Letters;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.People.RealName;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Standing;
using Talent.Workflows.Approvals.Submissions;
using Talent.Workflows.Approvals.Why;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Server.Api;
using Talent.Workflows.Server.Development;
using Talent.Workflows.Server.ElsaApi;
using Talent.Workflows.Server.ElsaApi.Definitions;
using Talent.Workflows.Server.ElsaApi.Instances;
using Talent.Workflows.Server.ElsaApi.Descriptors;
using Talent.Workflows.Server.ElsaApi.Live;
using Talent.Workflows.Server.Security;
using Talent.Workflows.Server.Security.Staff;
using Talent.Workflows.Server.Studio;

namespace Talent.Workflows.Server.Startup;

/// <summary>Registers the host's own services and lays out what a request goes through.</summary>
internal static class ServerRegistration
{
    public static WebApplicationBuilder AddServer(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        var options = builder.Configuration.GetSection(ServerOptions.Section).Get<ServerOptions>() ?? new ServerOptions();
        services.AddOptions<ServerOptions>().BindConfiguration(ServerOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes + RequestBody.ThrownAwayBytes;
        });
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.DrainSeconds));
        services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        services.AddSingleton<KeyStore>();
        services.AddSingleton<KeyVerifier>();
        services.AddSingleton<ActingUsers>();
        services.AddSingleton<BootstrapKey>();
        services.AddSingleton<StaffStore>();
        services.AddSingleton<ExecutionEndpoints.Sources>();
        services.AddSingleton<JournalCache>();
        services.AddLiveInstances();
        services.AddSingleton<StaffSessions>();
        services.AddSingleton<SignInLimit>();
        services.AddSingleton<FirstAdministrator>();
        services.AddSingleton(s => StudioPackage.Find(options.StudioDir, ContentFolder.Find(options.WorkflowsDir, s.GetRequiredService<IHostEnvironment>().ContentRootPath).Root));
        services.AddSingleton<DescriptorChoices>();
        services.AddSingleton<UsedVersions>();
        services.AddSingleton<UsableWorkflows>();
        services.AddSingleton<DefinitionDesk>();
        services.AddSingleton<RunEndpoints.Starter>();
        services.AddSingleton<StepPart, KeyPart>();
        services.AddSingleton<RequestHash>();
        services.AddSingleton(s => new LongestWait(TimeSpan.FromSeconds(s.GetRequiredService<IOptions<ServerOptions>>().Value.MaxWaitSeconds)));
        services.AddSingleton<ServerTelemetry>();
        services.AddSingleton<ContentLoading>();
        services.AddHostedService<AuditSealer>();
        services.AddHostedService<ClockKeeper>();
        services.AddHostedService<PanelKeySweeper>();
        services.AddHostedService<FilingTurnSweeper>();
        services.AddHostedService<MaterialKeeper>();
        services.AddHostedService<DataKeyKeeper>();
        services.AddRateLimits();
        services.AddApiDescription();
        if (builder.Environment.IsDevelopment())
            services.AddSingleton<CapturedMessages>();
        return builder;
    }

    /// <summary>The way of a request, outermost first.</summary>
    public static WebApplication UseServer(this WebApplication app)
    {
        app.UseTrustedProxies(app.Services.GetRequiredService<IOptions<ServerOptions>>().Value.TrustedProxies);
        app.UseMiddleware<RequestLog>();
        app.UseMiddleware<ErrorBoundary>();
        var studio = app.Services.GetRequiredService<StudioPackage>();
        if (studio.Folder is { } folder)
            app.UseStudioFiles(folder);
        // Before signing in, which looks for the token of a web socket in its query.
        app.UseWebSockets();
        app.UseRouting();
        app.UseMiddleware<StaffAuthentication>();
        app.UseMiddleware<KeyAuthentication>();
        app.UseRateLimiter();
        app.UseMiddleware<RequestBody>();
        app.UseMiddleware<IdempotencyKeys>();
        app.Use(EndWaitsWhenStopping);
        app.MapHealth();
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        var api = app.MapGroup("/api/v1");
        api.MapKeys();
        api.MapStaff();
        api.MapGroup("").WithMetadata(new RequiredScope(Scopes.Definitions)).MapDefinitions().MapRevisions();
        api.MapGroup("").WithMetadata(new RequiredScope(Scopes.Workflows)).MapInstances().MapEvents();
        api.MapOperations();
        var domain = app.MapGroup("").WithMetadata(new RequiredScope(Scopes.Cases));
        ((IEndpointConventionBuilder)domain).Add(RequireKeyToCreate);
        ((IEndpointConventionBuilder)domain).Add(SearchIsReading);
        domain.MapCases();
        domain.MapForms();
        domain.MapWhy().WithAnswerExample(WhyEndpoints.Example);
        domain.MapTasks();
        domain.MapClocks();
        domain.MapHandling();
        domain.MapPanels();
        domain.MapNotices();
        domain.MapSubmissions();
        domain.MapStanding();
        domain.MapInbox();
        var codes = domain.MapVerificationCodes();
        codes.Challenges.WithExample(CodeEndpoints.ChallengeExample).WithMetadata(new IdempotencyKeyRefused("an image isn't kept, so a repeated request can't be answered with it.", "图片不保存，无法在重试时再次返回。"));
        codes.Codes.WithExample(CodeEndpoints.CodeExample);
        codes.Checks.WithExample(CodeEndpoints.CheckExample);
        domain.MapMaterials();
        domain.MapFilings();
        domain.MapLetters();
        domain.MapPeople();
        domain.MapEmployers();
        var realName = domain.MapRealName();
        realName.Verify.WithExample(RealNameEndpoints.VerificationExample);
        realName.Face.WithExample(RealNameEndpoints.FaceExample);
        realName.Code.WithExample(RealNameEndpoints.CodeExample);
        realName.Rebind.WithExample(RealNameEndpoints.RebindExample);
        var eligibility = domain.MapEligibility();
        eligibility.Begin.WithExample(EligibilityEndpoints.SessionExample);
        eligibility.Notice.WithExample(EligibilityEndpoints.NoticeExample);
        eligibility.Face.WithExample(EligibilityEndpoints.FaceExample);
        eligibility.LookUp.WithExample(EligibilityEndpoints.LookUpExample);
        eligibility.Recognise.WithExample(EligibilityEndpoints.RecogniseExample);
        eligibility.Facts.WithExample(EligibilityEndpoints.FactsExample);
        eligibility.Answer.WithExample(EligibilityEndpoints.AnswerExample);
        eligibility.File.WithExample(EligibilityEndpoints.FileExample).WithMetadata(new IdempotencyKeyRequired());
        app.MapFaceCallback();
        domain.MapAssociations();
        var catalogue = domain.MapCatalogue();
        catalogue.List.WithAnswerExample(CatalogueEndpoints.ListExample);
        catalogue.Round.WithExample(CatalogueEndpoints.RoundExample);
        catalogue.Bar.WithExample(CatalogueEndpoints.BarExample);
        catalogue.Closure.WithExample(CatalogueEndpoints.ClosureExample);
        domain.MapDocuments().WithExample(DocumentEndpoints.SaveExample);
        var directory = domain.MapDirectory();
        directory.Organisation.WithExample(DirectoryEndpoints.OrganisationExample);
        directory.User.WithExample(DirectoryEndpoints.UserExample);
        app.MapNoticePages();
        app.MapServicePages();
        app.MapWorkflowPaths();
        app.MapStudio(studio);
        app.MapElsaApi();
        app.MapLiveInstances();
        if (app.Environment.IsDevelopment())
            app.MapDevelopment();
        // Makes them known before the first request, so that they can be composed before.
        app.UseEndpoints(static _ => { });
        return app;
    }

    /// <summary>Looking for people takes a body, and changes nothing.</summary>
    private static void SearchIsReading(EndpointBuilder endpoint)
    {
        if (endpoint is RouteEndpointBuilder { RoutePattern.RawText: PersonEndpoints.SearchPath or AssociationEndpoints.SearchPath })
            endpoint.Metadata.Add(new OnlyReads());
    }

    /// <summary>Filing a case or registering twice by a repeated request would be seen by everybody; so the key is required there.</summary>
    private static void RequireKeyToCreate(EndpointBuilder endpoint)
    {
        if (endpoint is RouteEndpointBuilder { RoutePattern: RoutePattern pattern } && pattern.RawText?.TrimEnd('/') is "/api/v1/cases" or "/api/v1/cases/batch" or "/api/v1/cases/{id:guid}/refile" or "/api/v1/people"
            && endpoint.Metadata.OfType<HttpMethodMetadata>().Any(m => m.HttpMethods.Contains(HttpMethods.Post)))
            endpoint.Metadata.Add(new IdempotencyKeyRequired());
    }

    /// <summary>Requests that only wait for a change don't hold up a stop.</summary>
    private static async Task EndWaitsWhenStopping(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.Query.ContainsKey("wait"))
        {
            await next(context);
            return;
        }
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var aborted = context.RequestAborted;
        context.RequestAborted = either.Token;
        try
        {
            await next(context);
        }
        finally
        {
            context.RequestAborted = aborted;
        }
    }
}
