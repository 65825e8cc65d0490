namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>What a form field holds, and how it looks in case data.</summary>
public enum FieldType
{
    /// <summary>JSON string; line breaks only with <see cref="FormField.Multiline"/>.</summary>
    Text,

    /// <summary>JSON number.</summary>
    Number,

    /// <summary>JSON string <c>2026-05-31</c>.</summary>
    Date,

    /// <summary>JSON string <c>2026-05</c>.</summary>
    Month,

    /// <summary>JSON string: a code of the field's code table.</summary>
    Choice,

    /// <summary>JSON array of strings: several codes of the field's code table, each once.</summary>
    Choices,

    /// <summary>JSON string: a code of a table of regions, of the field's level.</summary>
    Region,

    /// <summary>JSON string: an e-mail address.</summary>
    Email,

    /// <summary>JSON string: the number of an identity document, whose form the field that names the kind of document decides.</summary>
    DocumentNumber,

    /// <summary>JSON string: a mainland mobile number of 11 digits.</summary>
    Phone,

    /// <summary>JSON string: a resident identity number of 18 characters, proven by the check <c>residentId</c>.</summary>
    ResidentId,

    /// <summary>JSON true or false.</summary>
    Boolean,

    /// <summary>JSON string: the id of an uploaded file.</summary>
    File,

    /// <summary>JSON array of objects, one a row.</summary>
    Group,
}
