using System.Globalization;

namespace KernelGen.Reports;

/// <summary>
/// Colours of pictures as CSS classes inside the picture, one set for light pages and one for dark ones. Lines and marks take their colour
/// from <c>currentColor</c>, so a class is all that a series needs.
/// </summary>
internal static class SvgTheme
{
    /// <summary>Colours that people with any colour vision can tell apart (Okabe and Ito 2008), and two more; the last is grey.</summary>
    private static readonly string[] Light =
    [
        "#0072b2",
        "#d55e00",
        "#009e73",
        "#cc79a7",
        "#e69f00",
        "#56b4e9",
        "#000000",
        "#8c6d31",
        "#6b4c9a",
        "#777777",
    ];

    /// <summary>The same hues, lighter, for a dark page.</summary>
    private static readonly string[] Dark =
    [
        "#3d9ae8",
        "#ff7f2a",
        "#1fc79a",
        "#e29ac4",
        "#f2b632",
        "#9bd8ff",
        "#f0f0f0",
        "#c7a26b",
        "#b08ee8",
        "#9a9a9a",
    ];

    /// <summary>How many series have colours of their own.</summary>
    public static int Colors => Light.Length - 1;

    /// <summary>The rules, to stand first in a picture.</summary>
    public static string Style { get; } =
        $"<style>{Rules(Light, "#ffffff", "#1f2328", "#59636e", "#dddddd", "#888888")}\n@media (prefers-color-scheme:dark){{"
        + $"{Rules(Dark, "#0d1117", "#e6edf3", "#9da7b3", "#2b313a", "#6e7681")}}}</style>\n";

    /// <summary>The class of a colour; negative for grey.</summary>
    public static string Class(int color) => string.Create(CultureInfo.InvariantCulture, $"kg-{(color < 0 ? Colors : color % Colors)}");

    private static string Rules(string[] colors, string paper, string ink, string soft, string grid, string zero) =>
        $".kg-paper{{fill:{paper}}}.kg text{{fill:{ink}}}.kg .kg-soft{{fill:{soft}}}.kg .kg-cell{{fill:#1f2328}}"
        + $".kg-grid{{stroke:{grid}}}.kg-zero{{stroke:{zero}}}.kg-hollow{{fill:{paper}}}"
        + $".kg-name{{paint-order:stroke;stroke:{paper};stroke-width:2.5px;stroke-linejoin:round}}"
        + string.Concat(colors.Select((color, i) => string.Create(CultureInfo.InvariantCulture, $".kg-{i}{{color:{color}}}")));
}
