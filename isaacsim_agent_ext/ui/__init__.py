"""The panel: views over `omni.ui`, and the view-model behind them, which knows no widget."""
