using System.Collections.Concurrent;
using Npgsql;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>
/// Versions of forms, kept by their content: a case that was filed is checked and shown by the form that it was filed with, and a
/// draft by the service's present one (R-CASE-2).
/// </summary>
/// <remarks>Source: docs/adr/0034.</remarks>
public sealed class FormVersions(NpgsqlDataSource database, ApprovalContent content, BusinessClock clock)
{
    private const int MostCached = 256;

    private readonly ConcurrentDictionary<(string Service, string Form), bool> kept = new();

    // By the version of the service and that of the form. What a version says never changes.
    private readonly ConcurrentDictionary<(string Service, string Form), ServicePackage> packages = new();

    /// <summary>Keeps the form before data is saved with it; once for each process.</summary>
    internal async Task KeepAsync(ServicePackage service, CancellationToken cancellationToken)
    {
        var (id, form) = (service.Service.Id, service.Form);
        if (kept.ContainsKey((id, form.Version)))
            return;
        await database.QueryAsync("insert into approvals.form_versions (service, version, form, kept_at) values ($1, $2, $3, $4) on conflict do nothing returning 1", r => r.GetInt32(0), cancellationToken, id, form.Version, form.Text, clock.Now);
        kept[(id, form.Version)] = true;
    }

    /// <summary>The service as a case has it: with the present form for a draft, else with the one that the case was filed with.</summary>
    /// <param name="version">Of the form that the case's first phase was saved with; null: none is kept.</param>
    /// <exception cref="WorkflowException"><c>unavailable</c>: that version isn't there.</exception>
    internal async ValueTask<ServicePackage> OfCaseAsync(ServicePackage service, string status, string? version, CancellationToken cancellationToken) =>
        version is null || status == "draft" ? service
            : await FindAsync(service, version, cancellationToken)
            // Shown by another form, fields that it doesn't know would be shown unmasked.
            ?? throw new WorkflowException(ErrorCodes.Unavailable, $"The form '{version}' of the service '{service.Service.Id}' isn't there: restore approvals.form_versions.", "该业务申报时的表单版本暂时无法读取，请联系管理员。");

    /// <summary>The service with the form that data was saved with, a draft's too: for what changes some of the data and isn't a save of it.</summary>
    /// <inheritdoc cref="OfCaseAsync" path="/exception"/>
    internal ValueTask<ServicePackage> SavedWithAsync(ServicePackage service, string? version, CancellationToken cancellationToken) => OfCaseAsync(service, "", version, cancellationToken);

    /// <summary>The service with a certain version of its form; null: none is kept.</summary>
    internal async ValueTask<ServicePackage?> FindAsync(ServicePackage service, string version, CancellationToken cancellationToken)
    {
        if (version == service.Form.Version)
            return service;
        if (packages.TryGetValue((service.Version, version), out var found))
            return found;
        if (await database.SingleAsync("select form from approvals.form_versions where service = $1 and version = $2", r => r.GetString(0), cancellationToken, service.Service.Id, version) is not { } text)
            return null;
        if (packages.Count >= MostCached)
            packages.Clear();
        return packages[(service.Version, version)] = service.With(Form.Of(text, content.Shared.TextChecks));
    }
}
