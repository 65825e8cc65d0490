using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Approvals.Integrations.Sms;
using Talent.Workflows.Approvals.Messages.Channels;
using Talent.Workflows.Approvals.Messages.Templates;
using Talent.Workflows.Runtime.Timers;
using Talent.Workflows.Server.Development;

namespace Talent.Workflows.Server.Startup;

/// <summary>
/// The channels as configured: <c>Talent:Smtp</c> and <c>Talent:Sms</c>. What isn't configured is captured in Development;
/// in Production its messages wait until it is.
/// </summary>
internal static class MessageChannelRegistration
{
    public static IHostApplicationBuilder AddMessageChannels(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        if (builder.Configuration.GetSection("Talent:Smtp") is var smtp && smtp.Exists())
        {
            services.AddOptions<SmtpOptions>().Bind(smtp).ValidateDataAnnotations().ValidateOnStart();
            services.AddSingleton<IMessageChannel>(s => new SmtpChannel(s.GetRequiredService<IOptions<SmtpOptions>>().Value, s.GetRequiredService<TimeProvider>()));
        }
        else if (builder.Environment.IsDevelopment())
            services.AddSingleton<IMessageChannel>(s => new CaptureChannel(MessageChannels.Email, s.GetRequiredService<CapturedMessages>().KeepAsync));
        if (builder.Configuration.GetSection("Talent:Sms") is var sms && sms.Exists())
        {
            services.AddOptions<SmsOptions>().Bind(sms).ValidateDataAnnotations().ValidateOnStart();
            services.AddHttpClient(nameof(SmsChannel));
            services.AddSingleton<IMessageChannel>(s => new SmsChannel(
                s.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(SmsChannel)), s.GetRequiredService<IOptions<SmsOptions>>().Value, s.GetRequiredService<TimeProvider>()));
        }
        else if (builder.Environment.IsDevelopment())
            services.AddSingleton<IMessageChannel>(s => new CaptureChannel(MessageChannels.Sms, s.GetRequiredService<CapturedMessages>().KeepAsync));
        var development = builder.Environment.IsDevelopment();
        services.AddSingleton<IMessageChannel>(s => new InAppChannel(s.GetRequiredService<NpgsqlDataSource>(), s.GetRequiredService<BusinessClock>(),
            development ? new CaptureChannel(MessageChannels.InApp, s.GetRequiredService<CapturedMessages>().KeepAsync) : null));
        return builder;
    }
}
