namespace Talent.Workflows.Engine.Expressions.Values;

/// <summary>Reads the texts that Date.parse takes: ISO 8601, 2026/3/5 9:05, and what Date itself writes.</summary>
internal ref struct DateReader(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _at;

    public static double Read(string text)
    {
        var iso = new DateReader(NumberText.Trim(text)).ReadIso();
        return DateText.Clip(double.IsNaN(iso) ? new DateReader(NumberText.Trim(text)).ReadWords() : iso);
    }

    private readonly bool AtEnd => _at == _text.Length;

    private double ReadIso()
    {
        var sign = Take('-') ? -1 : Take('+') ? 1 : 0;
        if (!Number(sign == 0 ? 4 : 6, sign == 0 ? 4 : 6, out var year))
        {
            return double.NaN;
        }
        year *= sign < 0 ? -1 : 1;
        var loose = Take('/');
        var separator = loose ? '/' : '-';
        int month = 1, day = 1;
        if (loose || Take('-'))
        {
            var start = _at;
            if (!Number(1, 2, out month) || (Take(separator) && !Number(1, 2, out day)))
            {
                return double.NaN;
            }
            // Only the form with all digits is ISO; the others are read as people write them.
            loose = loose || (_at - start) is not (2 or 5);
        }
        if (month is < 1 or > 12 || day is < 1 or > 31)
        {
            return double.NaN;
        }
        if (AtEnd)
        {
            // A date alone is UTC in the strict form and local in the loose ones.
            return DateText.Join(year, month - 1, day, 0, 0, 0, 0) - (loose ? DateText.Zone : 0);
        }
        if (!Take('T') && !Take('t') && !Take(' '))
        {
            return double.NaN;
        }
        return ReadClock(year, month - 1, day);
    }

    private double ReadClock(int year, int month, int day)
    {
        int seconds = 0, milliseconds = 0;
        if (!Number(1, 2, out var hours) || !Take(':') || !Number(2, 2, out var minutes)
            || (Take(':') && !Number(2, 2, out seconds)) || (Take('.') && !Fraction(out milliseconds)))
        {
            return double.NaN;
        }
        if (minutes > 59 || seconds > 59 || hours > 24 || (hours == 24 && minutes + seconds + milliseconds > 0))
        {
            return double.NaN;
        }
        var time = DateText.Join(year, month, day, hours, minutes, seconds, milliseconds);
        return ReadZone(out var offset) ? time - offset : double.NaN;
    }

    private bool ReadZone(out double offset)
    {
        offset = DateText.Zone;
        while (Take(' '))
        {
        }
        if (AtEnd)
        {
            return true;
        }
        offset = 0;
        if (Take('Z') || Take('z'))
        {
            return AtEnd;
        }
        if (_text[_at..].StartsWith("GMT") || _text[_at..].StartsWith("UTC"))
        {
            _at += 3;
            if (AtEnd)
            {
                return true;
            }
        }
        var sign = Take('-') ? -1 : Take('+') ? 1 : 0;
        if (sign == 0 || !Number(2, 2, out var hours))
        {
            return false;
        }
        Take(':');
        if (!Number(2, 2, out var minutes) || hours > 23 || minutes > 59)
        {
            return false;
        }
        offset = sign * ((hours * 60) + minutes) * 60_000.0;
        return AtEnd || _text[_at..].StartsWith(" (");
    }

    /// <summary>"Thu Mar 05 2026 09:05:00 GMT+0800 (…)", "Thu, 05 Mar 2026 01:05:00 GMT", "Mar 5, 2026", "5 March 2026".</summary>
    private double ReadWords()
    {
        int month = -1, day = 0;
        while (!AtEnd)
        {
            var start = _at;
            while (!AtEnd && char.IsAsciiLetter(_text[_at]))
            {
                _at++;
            }
            if (_at > start)
            {
                var found = DateText.MonthOf(_text[start.._at]);
                month = found >= 0 ? found : month;
            }
            else if (char.IsAsciiDigit(_text[_at]))
            {
                if (!Number(1, 4, out var number))
                {
                    return double.NaN;
                }
                if (_at - start > 2)
                {
                    return Finish(number, month, day);
                }
                day = number;
            }
            else if (!Take(' ') && !Take(',') && !Take('-'))
            {
                return double.NaN;
            }
        }
        return double.NaN;
    }

    private double Finish(int year, int month, int day)
    {
        if (month < 0 || day is < 1 or > 31)
        {
            return double.NaN;
        }
        Take(',');
        while (Take(' '))
        {
        }
        return AtEnd ? DateText.Join(year, month, day, 0, 0, 0, 0) - DateText.Zone : ReadClock(year, month, day);
    }

    private bool Take(char c)
    {
        if (_at < _text.Length && _text[_at] == c)
        {
            _at++;
            return true;
        }
        return false;
    }

    private bool Number(int least, int most, out int value)
    {
        value = 0;
        var start = _at;
        while (_at < _text.Length && _at - start < most && char.IsAsciiDigit(_text[_at]))
        {
            value = (value * 10) + _text[_at++] - '0';
        }
        return _at - start >= least;
    }

    private bool Fraction(out int milliseconds)
    {
        milliseconds = 0;
        var scale = 100;
        var start = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
        {
            milliseconds += (_text[_at++] - '0') * scale;
            scale /= 10;
        }
        return _at > start;
    }
}
