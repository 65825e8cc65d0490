using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Filings.Recognitions;
using Talent.Workflows.Approvals.Filings.Sources;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>What a session has for the form that is opened from it, each value with its source (R-ELG-4). Pure.</summary>
internal static class SessionDraft
{
    private static readonly JsonElement Empty = JsonSerializer.SerializeToElement(new { });

    /// <summary>What the offices have goes before facts of the same field, so that it waives what it proves.</summary>
    /// <param name="ofNow">Whether name and number are those that the look-up was about; else it proves nothing, and is as good as typed.</param>
    public static FilledForm Of(ServicePackage package, EligibilityRules rules, SessionData data, string condition, bool ofNow, DateOnly today)
    {
        var form = package.Form;
        var offers = Shared(package, data).Concat(Recognised(package, data)).Concat(FormFacts.Offers(rules, form, data.Known(rules), condition));
        return FieldFill.Fill(form, ofNow ? offers : offers.Select(o => o with { From = new OfferSource(ValueSources.Typed) }), Empty, own => own, 1, replaces: false, today);
    }

    /// <summary>What the offices have for fields of the form; nothing where nothing was looked up.</summary>
    public static IEnumerable<FieldOffer> Shared(ServicePackage package, SessionData data) => data.Records is not { } records ? []
        : SharedFacts.Offers(package.Form, records, Empty, data.Certificates?.DiplomaNumber, data.Certificates?.DegreeNumber).Where(o => o.Said.ValueKind != JsonValueKind.Undefined);

    private static IEnumerable<FieldOffer> Recognised(ServicePackage package, SessionData data) => data.Recognitions
        .Select(r => (Recognition: r, Slot: package.Materials.Slot(r.Slot))).Where(r => r.Slot is { Group: null, Material.Recognise: not null })
        .SelectMany(r => RecognitionFill.Offers(package.Form, r.Slot!, r.Recognition.Material, r.Recognition.Document, Empty));
}
