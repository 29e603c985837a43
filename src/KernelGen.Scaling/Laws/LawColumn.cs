namespace KernelGen.Scaling;

/// <summary>An input a law needs besides parameters, tokens and representations.</summary>
/// <param name="Name">Name of the column.</param>
/// <param name="Meaning">What it holds and in what unit.</param>
/// <param name="Optional">True if the law can do without.</param>
public sealed record LawColumn(string Name, string Meaning, bool Optional = false);
