namespace KernelGen.Scaling;

/// <summary>
/// A scaling law: a formula with a table of parameters, which predicts and differentiates. Laws hold no fitted values;
/// those are a vector in the order of <see cref="Parameters"/>, so one law can be asked from many threads.
/// </summary>
public interface IScalingLaw
{
    /// <summary>Name on the command line.</summary>
    string Name { get; }

    /// <summary>One line: what the law is about.</summary>
    string Title { get; }

    /// <summary>The formula in plain text.</summary>
    string Formula { get; }

    /// <summary>Where the law was published.</summary>
    string Citation { get; }

    /// <summary>What is predicted, with its unit: mostly <c>loss (nats per token)</c>.</summary>
    string Predicts { get; }

    /// <summary>True if a loss is predicted; then models can be compared by what they would have to cost for the same loss.</summary>
    bool PredictsLoss { get; }

    /// <summary>The sizes the law reads.</summary>
    LawSizes Sizes { get; }

    /// <summary>The parameters.</summary>
    IReadOnlyList<LawParameter> Parameters { get; }

    /// <summary>The columns the law needs besides parameters, tokens and representations.</summary>
    IReadOnlyList<LawColumn> Columns { get; }

    /// <summary>Published coefficients; those fit for use as defaults come first.</summary>
    IReadOnlyList<LawCoefficients> Published { get; }

    /// <summary>True if the prediction is positive and errors are differences of logarithms; false for raw differences.</summary>
    bool LogResiduals { get; }

    /// <summary>The law that a published set belongs to, where the set decides what the law is of; else the law itself.</summary>
    /// <param name="set">One of <see cref="Published"/>.</param>
    IScalingLaw For(LawCoefficients set);

    /// <summary>True if the law can say what an input's representation of a part does; a dense part needs nothing said.</summary>
    /// <param name="input">The input.</param>
    /// <param name="part">0 weights, 1 activations, 2 KV cache.</param>
    bool Knows(LawInput input, int part);

    /// <summary>Parameters that are stored, where <see cref="LawInput.Params"/> counts others.</summary>
    /// <param name="input">The input.</param>
    double TotalParams(LawInput input);

    /// <summary>Parameters that work for each token, where <see cref="LawInput.Params"/> counts others.</summary>
    /// <param name="input">The input.</param>
    double ActiveParams(LawInput input);

    /// <summary>The prediction and its gradient.</summary>
    /// <param name="input">Sizes and representations.</param>
    /// <param name="parameters">Values in the order of <see cref="Parameters"/>.</param>
    /// <param name="gradient">Receives the derivative by each parameter; empty if it is not wanted.</param>
    double Predict(LawInput input, ReadOnlySpan<double> parameters, Span<double> gradient);

    /// <summary>The logarithm of the prediction and its gradient, computed without overflow where the law allows it.</summary>
    /// <param name="input">Sizes and representations.</param>
    /// <param name="parameters">Values in the order of <see cref="Parameters"/>.</param>
    /// <param name="gradient">Receives the derivative of the logarithm by each parameter; empty if it is not wanted.</param>
    double PredictLog(LawInput input, ReadOnlySpan<double> parameters, Span<double> gradient);
}
